import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A queue that overflows is noticed, told and healed.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsOverflowTests {
    private static let limit = "/proc/sys/fs/fanotify/max_queued_events"

    @Test func anOverflowIsToldAndHealed() throws {
      let before = try String(contentsOfFile: Self.limit, encoding: .utf8)
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      let scene = try Scene(.ext4)
      try shell("echo 16 > \(Self.limit)")
      let backup: TreelineProcess
      do {
        // The limit is taken over when the group is made.
        defer { try? before.write(toFile: Self.limit, atomically: false, encoding: .utf8) }
        backup = try scene.backup()
        try backup.waitUntilReady()
      }
      let storm = try WorkloadProcess([
        "run", "--root", scene.source, "--outside", scene.outside, "--seed", "\(seed)", "--operations",
        Thoroughness.isFull ? "20000" : "4000", "--progress", Thoroughness.isFull ? "10000" : "2000", "--gated",
      ])
      storm.untilStop("progress")
      backup.send(SIGSTOP)
      storm.goOn()
      storm.untilStop("progress")
      backup.send(SIGCONT)
      storm.goOn()
      try storm.finish()
      // The copies lie on the same filesystem and overflow the tiny queue again and again, until the
      // files are older than the doubt that an overflow casts on them.
      let calmed = try eventually(within: .seconds(20)) {
        try treeline(["flush", scene.journal]).exitCode == 0
      }
      #expect(calmed, "\(backup.errorOutput.suffix(3000)), TREELINE_SEED=\(seed)")
      let status = try backup.status()
      #expect(status["overflows"] as? Int ?? 0 >= 1)
      #expect(status["rescans"] as? Int ?? 0 >= 1)
      let shown = try treeline(["journal", "show", "--json", scene.journal]).standardOutput
      #expect(shown.contains("\"op\":\"overflow\""))
      #expect(shown.contains("\"op\":\"rescan\""))
      try scene.expectExact(backup, "after an overflow, TREELINE_SEED=\(seed)")
    }
  }
}
