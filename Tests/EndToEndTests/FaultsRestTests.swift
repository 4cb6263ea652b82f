import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// What runs for long does not grow, and what has nothing to do does nothing.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsRestTests {
    @Test(arguments: Thoroughness.filesystems)
    func atRestNothingIsDoneAndNothingGrows(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      var resident: [Int] = []
      var descriptors: [Int] = []
      let rounds = Thoroughness.isFull ? 60 : 20
      for round in 0..<rounds {
        let load = try WorkloadProcess([
          "run", "--root", "\(scene.source)/load", "--outside", "\(scene.outside)/\(round)", "--seed",
          "\(seed)", "--operations", "300", "--most", "200",
        ])
        try load.finish()
        try shell("rm -rf '\(scene.source)/load' '\(scene.outside)/\(round)'")
        try backup.flush()
        resident.append(try backup.residentKiB())
        guard round % 10 == 9 else { continue }
        let settled = try eventually(within: .seconds(5)) { try backup.descriptorCount() < 24 }
        #expect(settled, "descriptors stay open")
        descriptors.append(try backup.descriptorCount())
      }
      #expect(Set(descriptors).count == 1, "\(descriptors)")
      print("resident KiB: \(resident), descriptors: \(descriptors)")
      #expect(resident[rounds - 1] < resident[rounds / 2] + 8 << 10, "\(resident)")
      // Its own copies lie on the same filesystem and are no news.
      let captured = try backup.status()["captured"] as? Int
      let ticks = try backup.processorTicks()
      sleep(2)  // what is measured is that nothing happens
      #expect(try backup.status()["captured"] as? Int == captured)
      let used = try backup.processorTicks() - ticks
      #expect(used <= 3, "\(used) hundredths of a second of processor time in two seconds at rest")
      try scene.expectExact(backup, "after \(rounds) rounds on \(kind), TREELINE_SEED=\(seed)")
    }
  }
}
