import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The cursors of a journal as a person meets them.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct CursorCommandTests {
    @Test func aBackupAndAReplayKeepTheirCursors() throws {
      let scene = try Scene(.ext4)
      func cursors() throws -> String {
        try treeline(["journal", "cursors", "--json", scene.journal]).standardOutput
      }
      try shell("cd '\(scene.source)'; seq 20 | xargs touch")
      let backup = try TreelineProcess(["backup", scene.source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      try shell("echo more > '\(scene.source)/more'")
      try backup.flush()
      #expect(try backup.terminate() == 0)
      let own = try cursors()
      #expect(own.split(separator: "\n").count == 1 && own.contains("\"state\":\"live\""), "\(own)")
      #expect(own.contains("\"behind\":0") && own.contains(scene.destination), "\(own)")
      let other = scene.filesystem["other"]
      try shell("mkdir '\(other)'")
      let replay = try treeline(["replay", "--quiet", "--cursor", "second", scene.journal, other])
      #expect(replay.exitCode == 0, "\(replay)")
      let both = try cursors()
      #expect(both.contains("\"name\":\"second\"") && both.split(separator: "\n").count == 2, "\(both)")
      #expect(!both.contains("\"behind\":1"), "\(both)")
      #expect(try treeline(["journal", "drop-cursor", scene.journal, "second"]).exitCode == 0)
      #expect(try treeline(["journal", "drop-cursor", scene.journal, "second"]).exitCode == 1)
      #expect(try cursors() == own)
      #expect(try treeline(["replay", "--cursor", "../x", scene.journal, other]).exitCode == 64)
    }
  }
}
