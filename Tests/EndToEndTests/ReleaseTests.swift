import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A disk that will not come back is let go of.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct ReleaseTests {
    private func cursors(_ scene: Scene) throws -> String {
      try treeline(["journal", "cursors", "--json", scene.journal]).standardOutput
    }

    @Test func aDestinationThatIsKeptIsNotLetGoOf() throws {
      let scene = try Scene(.ext4)
      try shell("echo one > '\(scene.source)/f'")
      let backup = try TreelineProcess(["backup", scene.source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      let refused = try treeline(["release", scene.destination, "--journal", scene.journal])
      #expect(refused.exitCode == 7, "\(refused)")
      #expect(refused.standardError.contains("stop that backup first"), "\(refused)")
      #expect(try cursors(scene).contains(scene.destination))
      #expect(try backup.terminate() == 0)
    }

    @Test func aDestinationIsLetGoOfAndTakenUpAgain() throws {
      let scene = try Scene(.ext4)
      try shell("echo one > '\(scene.source)/f'")
      #expect(try treeline(scene.once).exitCode == 0)
      #expect(try cursors(scene).contains(scene.destination))
      let released = try treeline(["release", "--json", scene.destination, "--journal", scene.journal])
      #expect(released.exitCode == 0, "\(released)")
      #expect(released.standardOutput.contains("\"destination\":\"\(scene.destination)\""), "\(released)")
      #expect(try cursors(scene) == "")
      let again = try treeline(["release", scene.destination, "--journal", scene.journal])
      #expect(again.exitCode == 1 && again.standardError.contains("no journal knows it"), "\(again)")
      try shell("echo two > '\(scene.source)/f'")
      #expect(try treeline(scene.once).exitCode == 0)
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try cursors(scene).contains(scene.destination))
    }

    @Test func aDiskThatIsAwayIsLetGoOfByItsPath() throws {
      let scene = try Scene(.ext4)
      try shell("echo one > '\(scene.source)/f'")
      #expect(try treeline(scene.once).exitCode == 0)
      // What takes its place meanwhile is an empty mount point, which is not taken for it.
      try shell("mv '\(scene.destination)' '\(scene.destination)-away'; mkdir '\(scene.destination)'")
      #expect(try treeline(scene.once).exitCode == 4)
      let released = try treeline(["release", scene.destination, "--journal", scene.journal])
      #expect(released.exitCode == 0, "\(released)")
      #expect(try cursors(scene) == "")
      // Now it is a new destination.
      #expect(try treeline(scene.once).exitCode == 0)
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      // And the disk that was let go of still is a copy of its time.
      #expect(try shell("cat '\(scene.destination)-away/f'").standardOutput == "one\n")
    }
  }
}

extension Scene {
  /// A backup that ends when the destination is up to date.
  var once: [String] { ["backup", "--once", source, destination, "--journal", journal] }
}
