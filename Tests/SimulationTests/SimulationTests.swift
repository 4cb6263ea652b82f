import Simulation
import TestSupport
import Testing

@Suite(.serialized)
struct SimulationTests {
  /// Operations in one world; and in all, of which a minute has some four million.
  private static let steps = 2_000
  private static var operationCount: Int { Thoroughness.isFull ? 1_000_000 : 100_000 }

  @Test func everyWorldComesToRestEqual() {
    let first = Thoroughness.seed()
    let seeds = Self.operationCount / Self.steps
    print("SEED=\(first) SEEDS=\(seeds) STEPS=\(Self.steps)")
    for seed in first..<first + UInt64(seeds) {
      let settings = Settings(seed: seed)
      var run = SimulatedRun(settings, Workload.operations(settings, count: Self.steps))
      do throws(SimulatedRun.Failure) {
        _ = try run.run()
      } catch {
        Issue.record("make simulate SEED=\(seed) STEPS=\(Self.steps): \(error)")
        return
      }
    }
  }

  /// What was found once, in its shortest form.
  @Test func extendedAttributesUnderAYoungTimeAreCompared() throws {
    try run(
      seed: 43,
      """
      13 makeNode process 0 wait 0 delay 0 14 225 479 14
      48 moveOut process 0 wait 0 delay 0 191 188 469 94
      59 makeDirectory process 0 wait 0 delay 0 149 29883 477 15
      64 moveOut process 0 wait 0 delay 0 100 87 913 237
      100 moveOut process 0 wait 0 delay 0 104 129 47 120
      102 makeDirectory process 0 wait 0 delay 0 232 20817 547 171
      107 makeNode process 0 wait 0 delay 0 73 23886 65177 129
      118 quiesce process 0 wait 0 delay 0 0 253 647 138
      120 rename process 0 wait 0 delay 0 21576 203 26673 16958
      121 moveOut process 0 wait 0 delay 0 16 248 52866 159
      122 setAttribute process 0 wait 0 delay 0 81 18 25163 245
      123 makeDirectory process 0 wait 0 delay 0 14 189 9316 226
      124 setAttribute process 1 wait 0 delay 0 128 92 35327 1
      125 setModified process 0 wait 0 delay 0 168 25 542 191
      127 setOwner process 2 wait 0 delay 0 89 69 665 159
      128 makeNode process 0 wait 0 delay 0 83 17265 735 70
      """)
  }

  /// A file that is mapped was stored into, and its owner was changed: the look that the second asks for
  /// shows a time that the first has moved. Nothing is told of the store before the file is closed, and
  /// then nobody listens.
  @Test func aStoreThatAnotherChangeLetsSeeIsKept() throws {
    try run(
      seed: 602,
      """
      1 makeFile process 0 wait 0 delay 0 0 0 4097 17
      2 quiesce process 0 wait 0 delay 0 0 0 4096 0
      3 map process 0 wait 0 delay 0 3 0 4096 0
      4 store process 0 wait 0 delay 0 0 0 4096 0
      5 setOwner process 1 wait 0 delay 0 0 0 4097 1
      6 makeDirectory process 0 wait 0 delay 0 0 1 5 65535
      7 kill process 0 wait 0 delay 0 1 0 4096 1
      8 close process 0 wait 0 delay 0 0 0 4096 0
      """)
  }

  /// A page that a mapping which is gone has left dirty hides no store into the next one.
  @Test func theFirstStoreIntoANewMappingShows() throws {
    try run(
      seed: 602,
      """
      1 makeFile process 0 wait 0 delay 0 0 0 4097 17
      2 map process 0 wait 0 delay 0 2 0 4096 0
      3 store process 0 wait 0 delay 0 0 0 4096 0
      4 makeDirectory process 0 wait 0 delay 0 0 1 5 65535
      5 quiesce process 0 wait 0 delay 0 0 0 4096 0
      6 map process 0 wait 0 delay 0 1 0 4096 0
      7 store process 0 wait 0 delay 0 0 0 4096 0
      8 kill process 0 wait 0 delay 0 1 0 4096 1
      9 close process 0 wait 0 delay 0 0 0 4096 0
      """)
  }

  /// In a pass over the tree a directory hung on one that was found nowhere, and failed to be looked at
  /// when that was found again.
  @Test func whatHungOnALostDirectoryIsListedInTheSamePass() throws {
    let settings = Settings(seed: 616)
    var run = SimulatedRun(settings, Workload.operations(settings, count: 3_000))
    _ = try run.run()
  }

  private func run(seed: UInt64, _ lines: String) throws {
    let operations = try lines.split(separator: "\n").map {
      try #require(Operation(String($0)), "\($0)")
    }
    var run = SimulatedRun(Settings(seed: seed), operations)
    _ = try run.run()
  }

  @Test func oneSeedGivesOneRun() throws {
    func summary() throws -> String {
      let settings = Settings(seed: 7)
      var run = SimulatedRun(settings, Workload.operations(settings, count: 3_000))
      return "\(try run.run())"
    }
    #expect(try summary() == summary())
  }

  /// A simulation that finds nothing must be one that could.
  @Test(arguments: [Sabotage.dropEvents, .ignoreRenames])
  func whatIsBrokenOnPurposeIsFoundAndMadeShort(sabotage: Sabotage) throws {
    for seed in 1...UInt64(200) {
      let settings = Settings(seed: seed)
      let operations = Workload.operations(settings, count: 2_000)
      var run = SimulatedRun(settings, operations, sabotage: sabotage)
      do throws(SimulatedRun.Failure) {
        _ = try run.run()
      } catch {
        guard sabotage == .ignoreRenames else { return }
        var shrinker = Shrinker(settings, sabotage: sabotage)
        var left = 2_000
        let (shortest, _) = shrinker.shrink(operations, error) {
          left -= 1
          return left > 0
        }
        #expect(shortest.count < 30, "\(shortest)")
        return
      }
    }
    Issue.record("nothing was found")
  }
}
