import Replay
import Glibc
import TestSupport
import Testing

/// Prints figures; there is nothing to fail on a machine that others use.
@Suite(.enabled(if: Thoroughness.isFull, "TREELINE_FULL=1 is not set")) struct SpeedTests {
  @Test func manySmallFiles() throws {
    let scene = try Scene()
    try scene.change("for d in {1..50}; do mkdir $d; for i in {1..400}; do echo $i >$d/$i; done; done")
    try scene.recorder.commit()
    let replayer = try scene.replayer()
    let clock = ContinuousClock()
    let before = cpu()
    let first = try clock.measure { while try replayer.step().hasMore {} }
    print("20,000 files made: \(first), \(first / 20_000) each; \(cpu() - before) of CPU")
    try scene.change("echo more >>1/1")
    try scene.recorder.commit()
    let one = try clock.measure { _ = try replayer.step() }
    print("one file changed: \(one)")
    try scene.change("mv 1 moved")
    try scene.recorder.commit()
    let rename = try clock.measure { _ = try replayer.step() }
    print("a directory renamed: \(rename)")
    try replayer.idle()
    let opening = clock.measure { _ = try? scene.replayer() }
    print("opened again: \(opening)")
  }

  private func cpu() -> Duration {
    var usage = rusage()
    getrusage(0, &usage)  // RUSAGE_SELF
    return .microseconds(
      (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
        + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec))
  }
}
