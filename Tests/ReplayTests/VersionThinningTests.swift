import LinuxSystem
import Replay
import Testing

/// Which versions are kept.
struct VersionThinningTests {
  private static let day: Int64 = 86_400
  private static let now: Int64 = 1_000 * day + 5 * 3_600 + 600

  private func time(_ ago: Int64) -> Timestamp { Timestamp(seconds: Self.now - ago, nanoseconds: 0) }

  private var thinning: VersionThinning {
    VersionThinning(now: time(0), ageSeconds: 30 * Self.day)
  }

  @Test func allOfTheLastHourIsKept() {
    #expect(thinning.keeps(began: time(3_599), ended: time(3_598)))
    #expect(!thinning.mayDrop(ended: time(3_600)))
  }

  @Test func whatCameAndWentBetweenTwoFullHoursGoes() {
    // It is ten past five: 05:00 is 600 s ago.
    #expect(!thinning.keeps(began: time(600 + 2 * 3_600 + 1_800), ended: time(600 + 2 * 3_600 + 1_700)))
    #expect(thinning.keeps(began: time(600 + 2 * 3_600 + 10), ended: time(600 + 2 * 3_600 - 10)))
  }

  @Test func afterADayOnlyMidnightsCount() {
    let noon = 5 * 3_600 + 600 + 2 * Self.day + 12 * 3_600
    #expect(!thinning.keeps(began: time(noon + 5_000), ended: time(noon - 5_000)))
    #expect(thinning.keeps(began: time(noon + 13 * 3_600), ended: time(noon)))
  }

  @Test func nothingIsKeptForLongerThanAsked() {
    #expect(!thinning.keeps(began: time(90 * Self.day), ended: time(30 * Self.day + 1)))
    #expect(thinning.isOver(ended: time(30 * Self.day + 1)))
  }

  /// What a moment that can be had needs is never dropped, whenever it is looked through.
  @Test func whatAMomentNeedsIsThereWhenItIsAskedFor() {
    let seed = UInt64.random(in: 0...UInt64(UInt32.max))
    var state = seed
    func random(_ bound: Int64) -> Int64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64(state >> 33) % bound
    }
    for _ in 0..<20_000 {
      let began = random(20 * Self.day)
      let ended = began + 1 + random(random(2) == 0 ? 7_200 : 5 * Self.day)
      let wanted = began + random(ended - began)
      // Looked through at several times before it is asked for: what was dropped once is gone.
      var isThere = true
      let asked = ended + random(12 * Self.day)
      for _ in 0..<3 {
        let looked = VersionThinning(
          now: Timestamp(seconds: ended + random(asked - ended + 1), nanoseconds: 0),
          ageSeconds: 60 * Self.day)
        if !looked.keeps(
          began: Timestamp(seconds: began, nanoseconds: 0), ended: Timestamp(seconds: ended, nanoseconds: 0))
        {
          isThere = false
        }
      }
      let asking = VersionThinning(
        now: Timestamp(seconds: asked, nanoseconds: 0), ageSeconds: 60 * Self.day)
      let moment = asking.moment(atOrBefore: Timestamp(seconds: wanted, nanoseconds: 0))
      if moment.seconds >= began { #expect(isThere, "seed \(seed): \(began) \(ended) \(wanted) \(asked)") }
    }
  }
}
