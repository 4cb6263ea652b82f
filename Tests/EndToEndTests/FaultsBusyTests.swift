import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// A file that is written without pause costs a bounded share of the machine, and lags by a bounded time.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsBusyTests {
    @Test(arguments: Thoroughness.filesystems)
    func aFileThatIsWrittenWithoutPauseIsCopiedNowAndThen(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("cd '\(scene.source)'; head -c 256M /dev/urandom > image; echo 0 > log")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      let seconds = Thoroughness.isFull ? 60 : 8
      let writer = try Child([
        "bash", "-euc",
        """
        cd '\(scene.source)'; exec 8<> image 9>> log; end=$((SECONDS + \(seconds)))
        while [ $SECONDS -lt $end ]; do echo $RANDOM >&8; echo $SECONDS >&9; done
        """,
      ])
      let ticks = try backup.processorTicks()
      // A bystander is not kept waiting, and the log goes on arriving.
      var arrived: Set<String> = []
      while writer.isRunning {
        usleep(250_000)
        arrived.insert(try shell("tail -c 20 '\(scene.destination)/log' | tail -n 1").standardOutput)
      }
      #expect(writer.wait(timeout: .seconds(20)) == 0)
      let used = try backup.processorTicks() - ticks
      print("\(used) hundredths of a second of processor time in \(seconds) s, \(arrived.count) states of the log")
      #expect(used < seconds * 60, "\(used) hundredths of a second of processor time in \(seconds) s")
      #expect(arrived.count >= seconds / 8, "the log arrived in \(arrived.count) states in \(seconds) s")
      try scene.expectExact(backup, "a file that was written without pause on \(kind)")
    }
  }
}
