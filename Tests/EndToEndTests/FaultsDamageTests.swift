import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A damaged journal is never replayed to a wrong tree with success.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsDamageTests {
    @Test func damageNeverEndsInAWrongTreeAndSuccess() throws {
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      let scene = try Scene(.ext4)
      let record = try TreelineProcess(["record", scene.source, "--max-delete", "100"], journal: scene.journal)
      try record.waitUntilReady()
      let load = try WorkloadProcess([
        "run", "--root", scene.source, "--outside", scene.outside, "--seed", "\(seed)", "--operations", "150", "--most", "60",
      ])
      try load.finish()
      try record.flush()
      #expect(try record.terminate() == 0)
      let bad = scene.filesystem["bad"]
      let files = try FileManager.default.contentsOfDirectory(atPath: scene.journal).filter { $0 != "lock" }.sorted()
      var random = Random(state: seed)
      var outcomes: [Int32: Int] = [:]
      let tries = Thoroughness.isFull ? 3_000 : 60
      for index in 0..<tries {
        let destination = scene.filesystem["damage\(index)"]
        try shell("rm -rf '\(bad)'; cp -a '\(scene.journal)' '\(bad)'; mkdir '\(destination)'")
        // Mostly the segment: the other files are small, or not needed from the start.
        let segment = index % 5 > 0 ? files.first { $0.hasSuffix(".tlj") } : nil
        let file = segment ?? files[Int(random.next() % UInt64(files.count))]
        var data = FileManager.default.contents(atPath: "\(bad)/\(file)") ?? Data()
        guard !data.isEmpty else { continue }
        let at = Int(random.next() % UInt64(data.count))
        let what: String
        if index % 4 == 3 {
          data = data.prefix(at)
          what = "\(file) cut at \(at)"
        } else {
          data[at] ^= 1 << UInt8(random.next() % 8)
          what = "\(file) flipped at \(at)"
        }
        try data.write(to: URL(fileURLWithPath: "\(bad)/\(file)"))
        let replay = try treeline(["replay", "--quiet", bad, destination], timeout: .seconds(30))
        outcomes[replay.exitCode, default: 0] += 1
        #expect(replay.exitCode >= 0, "ended by a signal: \(what) \(replay), TREELINE_SEED=\(seed)")
        if replay.exitCode == 0 {
          let wrong = try difference(between: scene.source, and: destination)
          #expect(wrong == nil, "\(what): a wrong tree and success, TREELINE_SEED=\(seed)")
        }
        try shell("rm -rf '\(destination)'")
      }
      print("exit codes of \(tries) replays of damaged journals: \(outcomes.sorted { $0.key < $1.key })")
    }

    /// SplitMix64: the same places from the same seed.
    private struct Random {
      var state: UInt64

      mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
      }
    }
  }
}
