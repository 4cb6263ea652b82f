import Capture
import Testing

struct TroubleRetryTests {
  private let second: UInt64 = 1_000_000_000

  @Test func triesRestTwiceAsLongEachTimeUpToFiveMinutes() {
    var retry = TroubleRetry()
    var now = 100 * second
    var rests: [UInt64] = []
    for _ in 0..<10 {
      retry.plan(1, now: now)
      rests.append((retry.due! - now) / second)
      now = retry.due!
      retry.tried(from: now, to: now)
    }
    #expect(rests == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  }

  @Test func whatHappensThereBringsTheNextTryForwardButNotUnderTheRestThatTheLastOneCost() {
    var retry = TroubleRetry()
    retry.plan(1, now: 0)
    retry.hurry(now: second)
    #expect(retry.due == second)
    // A try of three seconds.
    retry.tried(from: second, to: 4 * second)
    retry.plan(1, now: 4 * second)
    retry.hurry(now: 5 * second)
    #expect(retry.due == 52 * second)
  }

  @Test func aNewTroubleIsTriedEarlyThoughOldOnesRest() {
    var retry = TroubleRetry()
    var now = second
    for _ in 0..<8 {
      retry.plan(1, now: now)
      now = retry.due!
      retry.tried(from: now, to: now)
    }
    retry.plan(1, now: now)
    #expect(retry.due == now + 300 * second)
    now += 10 * second
    retry.plan(2, now: now)
    #expect(retry.due == now + 2 * second)
  }

  @Test func withoutTroublesNothingIsTried() {
    var retry = TroubleRetry()
    retry.plan(1, now: 0)
    retry.end()
    #expect(retry.due == nil)
  }
}
