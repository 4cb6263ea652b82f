import Glibc
import LinuxSystem
import Simulation

/// Runs some seeds, one after the other; at the first failure finds its shortest form and ends.
///
/// - Parameters:
///   - isWhole: says only which seeds fail, all of them.
///   - given: what happens; nil for what the seed says.
/// - Returns: whether none failed.
func simulate(
  seed: UInt64, seeds: Int, steps: Int, sabotage: Sabotage, traces: Bool, isWhole: Bool,
  given: [Operation]?
) -> Bool {
  let began = monotonicNanoseconds()
  var total = SimulatedRun.Summary()
  var failureCount = 0
  for number in 0..<UInt64(seeds) {
    let seed = seed &+ number
    rememberForCrashes(seed: seed, steps: steps)
    let settings = Settings(seed: seed)
    let operations = given ?? Workload.operations(settings, count: steps)
    let isTold = traces && isWhole
    var run = SimulatedRun(
      settings, operations, sabotage: sabotage, onStep: isTold ? { print($0) } : nil)
    do throws(SimulatedRun.Failure) {
      total += try run.run()
    } catch {
      failureCount += 1
      if isWhole {
        print("SEED=\(seed) STEPS=\(steps): \(error)")
        fflush(nil)
        continue
      }
      report(error, seed: seed, steps: steps, settings, operations, sabotage, traces: traces)
      return false
    }
  }
  let seconds = Double(monotonicNanoseconds() - began) / 1e9
  print(
    "\(total.operations) operations, \(seeds) seeds from \(seed): "
      + (failureCount == 0 ? "no difference. " : "\(failureCount) seeds failed. ")
      + "\(total.quiescences) times at rest, \(total.rounds) rounds, \(total.overflows) overflows, "
      + "\(total.restarts) restarts, \(total.commits) commits, \(total.verbs) verbs; "
      + "\(Int(Double(total.operations) / seconds * 60)) operations a minute")
  return failureCount == 0
}

private func report(
  _ failure: SimulatedRun.Failure, seed: UInt64, steps: Int, _ settings: Settings,
  _ operations: [Operation], _ sabotage: Sabotage, traces: Bool
) {
  print("SEED=\(seed) STEPS=\(steps): \(failure)")
  print("\(settings)")
  var shrinker = Shrinker(settings, sabotage: sabotage)
  let deadline = monotonicNanoseconds() + shrinkingNanoseconds
  let (shortest, last) = shrinker.shrink(operations, failure) {
    monotonicNanoseconds() < deadline
  }
  print("the shortest of \(shrinker.runCount) runs, \(shortest.count) operations: \(last)")
  for operation in shortest { print("  \(operation)") }
  guard traces else { return }
  var run = SimulatedRun(settings, shortest, sabotage: sabotage) { print($0) }
  _ = try? run.run()
}

/// A failure is made as short as it gets within two minutes.
private let shrinkingNanoseconds: UInt64 = 120_000_000_000

// What a precondition that fails is told with: only written before the run, and read by a handler.
nonisolated(unsafe) private var lastSeed: UInt64 = 0
nonisolated(unsafe) private var lastSteps = 0

private func rememberForCrashes(seed: UInt64, steps: Int) {
  lastSeed = seed
  lastSteps = steps
  // Swift's own handler says where.
  if getenv("SWIFT_BACKTRACE") != nil { return }
  for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
    signal(number) { number in
      // Formatting allocates, which is not allowed in a handler; the process is over anyway.
      print("SEED=\(lastSeed) STEPS=\(lastSteps): ended by signal \(number)")
      fflush(nil)
      signal(number, SIG_DFL)
      raise(number)
    }
  }
}
