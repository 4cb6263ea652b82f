import Testing
import Treeline

struct ProgressTests {
  private static let second: UInt64 = 1_000_000_000

  private func progress(_ objects: UInt64, _ bytes: UInt64, of total: (UInt64, UInt64)? = (1_000, 1 << 30)) -> Report.Progress {
    Report.Progress(
      stage: "copying", objects: objects, objectsTotal: total?.0, bytes: bytes, bytesTotal: total?.1,
      path: Array("a/b".utf8))
  }

  @Test func nothingIsPromisedInTheFirstSeconds() {
    var pace = ProgressPace()
    #expect(pace.note(progress(0, 0), at: 5 * Self.second) == .init())
    #expect(pace.note(progress(10, 1 << 20), at: 6 * Self.second) == .init())
    #expect(pace.note(progress(20, 2 << 20), at: 7 * Self.second).bytesPerSecond == 1 << 20)
  }

  @Test func whatIsLeftIsReckonedFromTheLastTenSeconds() {
    var pace = ProgressPace()
    var last = ProgressPace.Estimate()
    // Slow at first: that is forgotten.
    for second in 0..<60 as Range<UInt64> {
      let bytes = second < 30 ? second << 10 : 30 << 10 + (second - 30) << 23
      last = pace.note(progress(0, bytes), at: (second + 1) * Self.second)
    }
    #expect(last.bytesPerSecond == 8 << 20)
    // 1 GiB less 232 MiB at 8 MiB a second, and 1,000 objects beside their content.
    #expect(last.secondsLeft.map { 99...102 ~= $0 } == true, "\(last)")
  }

  @Test func aStageThatBeginsAnewForgetsTheOneBefore() {
    var pace = ProgressPace()
    for second in 1..<5 as Range<UInt64> { _ = pace.note(progress(second, 0), at: second * Self.second) }
    var next = progress(0, 0)
    next.stage = "restoring"
    #expect(pace.note(next, at: 6 * Self.second) == .init())
  }

  @Test func aLineHasAllThatIsKnown() {
    var estimate = ProgressPace.Estimate()
    #expect(progressText(progress(1_200, 5 << 20, of: nil), estimate) == "copying: 1 200 objects, 5.0 MiB: a/b")
    estimate.bytesPerSecond = 3 << 20
    estimate.secondsLeft = 75
    #expect(
      progressText(progress(12, 5 << 20), estimate)
        == "copying: 12 of 1 000 objects, 5.0 MiB of 1.0 GiB, 3.0 MiB/s, 1 min 15 s left: a/b")
    #expect(progressText(Report.Progress(stage: "scanning", objects: 7), .init()) == "scanning: 7 objects")
  }
}
