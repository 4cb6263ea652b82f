import LinuxSystem
import Replay
import Testing

/// What a clock must have shown before anything is let go of because of its age.
@Suite struct SteadyClockTests {
  private func wall(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds, nanoseconds: 0) }

  /// What a clock is taken for at some moments.
  private func isSteady(at moments: [(wall: Int64, running: Int64)]) -> [Bool] {
    var clock = SteadyClock()
    return moments.map { clock.isSteady(wall: wall($0.wall), running: $0.running) }
  }

  @Test func aClockIsBelievedAfterAnHour() {
    let steady = isSteady(at: [(1_000_000, 10), (1_003_599, 3_609), (1_003_610, 3_610)])
    #expect(steady == [false, false, true])
  }

  @Test func aClockThatJumpsIsNotBelievedForAnHour() {
    let month: Int64 = 30 * 86_400
    // The last three are after it was set right again.
    let steady = isSteady(at: [
      (1_000_000, 10), (1_010_000, 10_010), (1_010_000 + month, 10_020), (1_010_100, 10_110),
      (1_013_600, 13_610), (1_013_800, 13_810),
    ])
    #expect(steady == [false, true, false, false, false, true])
  }

  @Test func aSleepIsNoJump() {
    #expect(isSteady(at: [(1_000_000, 10), (1_900_000, 900_010)]) == [false, true])
  }
}
