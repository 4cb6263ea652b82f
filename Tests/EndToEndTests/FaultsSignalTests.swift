import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Whoever stops it, however often and whenever: it ends clean, and goes on exactly.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsSignalTests {
    @Test(arguments: Thoroughness.filesystems)
    func eachSignalEndsItCleanUnderLoadAndTheNextGoesOn(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      for (round, signals) in [[SIGTERM], [SIGINT], [SIGTERM, SIGTERM], [SIGHUP, SIGINT, SIGTERM, SIGTERM]].enumerated() {
        let backup = try scene.backup(["--settle", "0"])
        try backup.waitUntilReady()
        let load = try WorkloadProcess([
          "run", "--root", "\(scene.source)/load\(round)", "--outside", "\(scene.outside)/\(round)", "--seed",
          "\(seed + UInt64(round))", "--operations", "600", "--progress", "300", "--gated",
        ])
        load.untilStop("progress")
        load.goOn()
        load.untilStop("progress")
        load.goOn()
        for signal in signals {
          backup.send(signal)
          usleep(3_000)
        }
        try load.finish()
        let ended = eventually(within: .seconds(30)) { !backup.isRunning }
        #expect(ended, "\(signals) did not end it")
        // It has ended, so another TERM only asks for the code. A second signal may end it at once.
        let code = try backup.terminate()
        #expect(code == 0 || signals.count > 1 && code > 0, "\(signals) ended it with \(code)\n\(backup.errorOutput)")
      }
      let backup = try scene.backup()
      try backup.waitUntilReady()
      // A terminal that goes and such mean nothing to it; SIGUSR1 has it say how it is.
      for signal in [SIGHUP, SIGUSR1, SIGPIPE, SIGWINCH, SIGCHLD, SIGURG] { backup.send(signal) }
      try scene.expectExact(backup, "\(kind), TREELINE_SEED=\(seed)")
    }

    @Test(arguments: Thoroughness.filesystems)
    func aStopDuringTheFirstScanIsResumed(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell(
        "cd '\(scene.source)'; for d in $(seq 100); do mkdir $d; (cd $d; seq 150 | xargs touch); done", timeout: .seconds(300))
      for _ in 0..<4 {
        let backup = try scene.backup()
        usleep(.random(in: 5_000..<200_000))
        let code = try backup.terminate()
        #expect(code == 0 || code == -SIGTERM, "\(code): \(backup.errorOutput)")
        #expect(try treeline(["journal", "verify", scene.journal]).exitCode <= 4)
        try shell("cd '\(scene.source)'; mv 1 x; mv 2 1; mv x 2; rm -r $((5 + RANDOM % 90)) || true; echo new > 4/new$RANDOM")
      }
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try scene.expectExact(backup, "stopped four times on \(kind)")
    }

    /// `TREELINE_FULL=1`: a minute, as a laptop's lid; otherwise a few seconds.
    @Test(arguments: Thoroughness.filesystems)
    func whatHappensWhileItIsStoppedIsSeenAfterwards(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      backup.send(SIGSTOP)
      let load = try WorkloadProcess([
        "run", "--root", scene.source, "--outside", scene.outside, "--seed", "\(seed)", "--operations", "2000",
      ])
      try load.finish()
      sleep(Thoroughness.isFull ? 60 : 3)  // what is measured is the time
      backup.send(SIGCONT)
      try scene.expectExact(backup, "\(kind), TREELINE_SEED=\(seed)")
    }
  }
}
