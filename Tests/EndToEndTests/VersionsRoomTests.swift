import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// How much room the versions at a destination take.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct VersionsRoomTests {
    @Test func versionsTakeNoMoreRoomThanTheyAreGiven() throws {
      let scene = try Scene(.ext4)
      func kept() throws -> Int {
        let output = try shell("du -sk '\(scene.destination)/.treeline/versions' | cut -f1")
        return try #require(Int(output.standardOutput.dropLast()))
      }
      let arguments = ["backup", scene.source, scene.destination, "--keep-bytes", "8M"]
      let backup = try TreelineProcess(arguments, journal: scene.journal)
      try backup.waitUntilReady()
      for number in 1...24 {
        try shell("head -c 1000000 /dev/urandom >'\(scene.source)/f'; echo \(number) >'\(scene.source)/n'")
        try backup.flush()
        // A batch may be over by a sixteenth, and directories take a block each.
        #expect(try kept() < 9 << 10, "after \(number)")
      }
      #expect(try kept() > 4 << 10)
      let newest = try treeline(["restore", "--list", scene.destination]).standardOutput.split(separator: "\n")
      #expect(newest.count >= 3, "\(newest)")
      // The oldest that is offered can be had.
      let oldest = try #require(newest.first?.split(separator: "\t").first)
      let back = scene.filesystem["back"]
      let restored = try treeline(["restore", scene.destination, "--at", "\(oldest)", "--to", back])
      #expect(restored.exitCode == 0, "\(restored)")
      #expect(try backup.terminate() == 0)
    }
  }
}
