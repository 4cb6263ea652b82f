import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Killed at any moment, it goes on from there.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsKillTests {
    /// What no look at sizes and times alone would find, done while nothing runs.
    private static let unseen = """
      cd "$1/unseen"; n=$2
      touch -r quiet /tmp/treeline-stamp-$$
      printf '%06d' "$n" | dd of=quiet conv=notrunc status=none; touch -r /tmp/treeline-stamp-$$ quiet
      rm /tmp/treeline-stamp-$$
      echo "back $n" > back; touch -d '1999-01-01' back
      mv a c; mv b a; mv c b
      rm again; echo "inode used again $n" > again
      """

    @Test(arguments: sourceKinds)
    func aBackupKilledUnderLoadConverges(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let seed = Thoroughness.seed()
      let rounds = Thoroughness.isFull ? 30 : kind == .ext4 ? 10 : 4
      print("TREELINE_SEED=\(seed)")
      try shell(
        "mkdir '\(scene.source)/unseen'; cd '\(scene.source)/unseen'; echo 000000 > quiet; echo > back; echo A > a; echo B > b; echo > again")
      var random = SystemRandomNumberGenerator()
      for round in 0..<rounds {
        let backup = try scene.backup(["--settle", "0"])
        if round % 3 > 0 { try backup.waitUntilReady() }
        let load = try WorkloadProcess([
          "run", "--root", "\(scene.source)/load\(round)", "--outside", "\(scene.outside)/\(round)",
          "--seed", "\(seed + UInt64(round))", "--operations", "600", "--most", "300", "--progress", "200", "--gated",
        ])
        load.untilStop("progress")
        load.goOn()
        load.untilStop("progress")
        load.goOn()
        usleep(.random(in: 0..<60_000, using: &random))
        backup.kill9()
        load.untilStop("progress")
        load.goOn()
        try load.finish()
        try succeed(["bash", "-euc", Self.unseen, "unseen", scene.source, "\(round)"])
      }
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try scene.expectExact(backup, "killed \(rounds) times on \(kind), TREELINE_SEED=\(seed)")
    }

    @Test(arguments: Thoroughness.filesystems)
    func aReplayKilledAtAnyMomentIsFinishedByTheNext(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      // No sweep: times that were set without a report would become commits of their own meanwhile.
      let record = try TreelineProcess(
        ["record", scene.source, "--max-delete", "100", "--sweep", "0"], journal: scene.journal)
      try record.waitUntilReady()
      for round in 0..<3 {
        let load = try WorkloadProcess([
          "run", "--root", scene.source, "--outside", "\(scene.outside)/\(round)",
          "--seed", "\(seed + UInt64(round))",
          "--operations", "500",
        ])
        try load.finish()
        // Names that change places at once: a swap is three steps at the destination.
        try shell(
          """
          cd '\(scene.source)'; mkdir swap\(round); cd swap\(round)
          for i in $(seq 20); do echo a$i > a$i; mkdir b$i; echo b > b$i/f; done
          """)
        try record.flush()
        // A replay meanwhile, so that half of the names is there already when they change places.
        try killReplayUntilDone(scene, context: "round \(round) on \(kind), TREELINE_SEED=\(seed)")
        try shell("cd '\(scene.source)/swap\(round)'; for i in $(seq 20); do mv a$i t; mv b$i a$i; mv t b$i; done")
        try record.flush()
        try killReplayUntilDone(scene, context: "round \(round) on \(kind), TREELINE_SEED=\(seed)")
      }
      #expect(try record.terminate() == 0)
    }

    /// Kills `replay` ever later, until one comes to its end.
    private func killReplayUntilDone(_ scene: Scene, context: String) throws {
      var delay: UInt32 = 4_000
      var kills = 0
      while true {
        let replay = try Child([Products.treeline, "replay", "--quiet", scene.journal, scene.destination])
        usleep(delay + .random(in: 0..<8_000))
        replay.signal(SIGKILL)
        guard let code = replay.wait(timeout: .seconds(60)) else { throw TestSupportError("replay hangs") }
        if code == 0 || code == 3 { break }
        #expect(code == -SIGKILL, "replay ended with \(code): \(replay.standardError), \(context)")
        kills += 1
        delay = delay * 5 / 4
        guard delay < 30_000_000 else { throw TestSupportError("replay does not end") }
      }
      print("replay was killed \(kills) times")
      #expect(try difference(between: scene.source, and: scene.destination) == nil, "\(context)")
      let again = try treeline(["replay", scene.journal, scene.destination])
      #expect(again.exitCode == 0 || again.exitCode == 3, "\(again)")
      #expect(again.standardOutput == "", "a second run had something to do: \(again) \(context)")
      #expect(try difference(between: scene.source, and: scene.destination) == nil, "twice, \(context)")
    }
  }
}
