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
