import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A queue that overflows is noticed, told and healed.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsOverflowTests {
    private static let limit = "/proc/sys/fs/fanotify/max_queued_events"

    /// The backup of a scene, whose queue holds 16 events: the limit is taken over when the group is made.
    private func backup(_ scene: Scene, _ options: [String] = []) throws -> TreelineProcess {
      let before = try String(contentsOfFile: Self.limit, encoding: .utf8)
      try shell("echo 16 > \(Self.limit)")
      defer { try? before.write(toFile: Self.limit, atomically: false, encoding: .utf8) }
      let backup = try scene.backup(options)
      _ = eventually(within: .seconds(20)) {
        ["scanning", "following"].contains(backup.state) || !backup.isRunning
      }
      return backup
    }

    private func expectTold(_ backup: TreelineProcess, _ scene: Scene, _ context: String) throws {
      // The copies lie on the same filesystem and overflow the tiny queue again and again, until the
      // files are older than the doubt that an overflow casts on them.
      let calmed = try eventually(within: .seconds(40)) {
        try treeline(["flush", scene.journal]).exitCode == 0
      }
      #expect(calmed, "\(backup.errorOutput.suffix(3000)), \(context)")
      let status = try backup.status()
      #expect(status["overflows"] as? Int ?? 0 >= 1)
      #expect(status["rescans"] as? Int ?? 0 >= 1)
      let shown = try treeline(["journal", "show", "--json", scene.journal]).standardOutput
      #expect(shown.contains("\"op\":\"overflow\""))
      #expect(shown.contains("\"op\":\"rescan\""))
      try scene.expectExact(backup, context)
    }

    /// `TREELINE_FULL=1`: 200,000 operations, and 5 s within them in which nothing is read.
    @Test(arguments: sourceKinds)
    func anOverflowIsToldAndHealed(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let operations = Thoroughness.isFull ? 200_000 : 4_000
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      let backup = try backup(scene)
      try backup.waitUntilReady()
      let storm = try WorkloadProcess([
        "run", "--root", scene.source, "--outside", scene.outside, "--seed", "\(seed)", "--operations",
        "\(operations)", "--progress", "\(operations / 2)", "--gated",
      ])
      storm.untilStop("progress")
      backup.send(SIGSTOP)
      storm.goOn()
      storm.untilStop("progress")
      if Thoroughness.isFull {
        storm.goOn()
        sleep(5)  // what is tried is that the storm goes on meanwhile
      }
      backup.send(SIGCONT)
      if !Thoroughness.isFull { storm.goOn() }
      try storm.finish()
      try expectTold(backup, scene, "after an overflow on \(kind), TREELINE_SEED=\(seed)")
    }

    /// The first scan, and every pass that an overflow calls for, run while the queue overflows again.
    @Test(arguments: Thoroughness.filesystems)
    func anOverflowDuringTheScanIsHealed(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      try shell(
        "cd '\(scene.source)'; for d in $(seq 100); do mkdir $d; (cd $d; seq 200 | xargs touch); done", timeout: .seconds(300))
      let storm = try Child([Products.tool("storm"), "keep", "\(scene.source)/1", "2", Thoroughness.isFull ? "200000" : "8000"])
      let load = try WorkloadProcess([
        "run", "--root", "\(scene.source)/load", "--outside", scene.outside, "--seed", "\(seed)", "--operations", "3000",
      ])
      let backup = try backup(scene, ["--settle", "0"])
      // Whole directories move from where the scan has not been to where it has, and back.
      try shell("cd '\(scene.source)'; for i in $(seq 60); do mv $((i + 2)) 2/in; mv 2/in $((i + 2)); done")
      try load.finish()
      #expect(storm.wait(timeout: .seconds(300)) == 0)
      try backup.waitUntilReady()
      try expectTold(backup, scene, "overflows during the scan on \(kind), TREELINE_SEED=\(seed)")
    }
  }
}
