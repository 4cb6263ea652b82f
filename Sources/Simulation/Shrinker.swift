/// Finds the shortest list of operations that still fails.
package struct Shrinker {
  private let settings: Settings
  private let sabotage: Sabotage
  package private(set) var runCount = 0

  package init(_ settings: Settings, sabotage: Sabotage = .none) {
    self.settings = settings
    self.sabotage = sabotage
  }

  private mutating func failure(_ operations: [Operation]) -> SimulatedRun.Failure? {
    runCount += 1
    var run = SimulatedRun(settings, operations, sabotage: sabotage)
    do throws(SimulatedRun.Failure) {
      _ = try run.run()
      return nil
    } catch {
      return error
    }
  }

  /// Leaves out operations in ever smaller pieces, as long as some failure is left; then makes what is
  /// left simpler.
  ///
  /// - Parameter goesOn: asked before each run.
  package mutating func shrink(
    _ operations: [Operation], _ first: SimulatedRun.Failure, while goesOn: () -> Bool
  ) -> ([Operation], SimulatedRun.Failure) {
    var best = Array(operations.prefix(first.operationCount))
    var found = first
    if let again = failure(best) { found = again } else { best = operations }
    var piece = max(1, best.count / 2)
    while piece >= 1 {
      var at = 0
      var hasShrunk = false
      while at < best.count {
        guard goesOn() else { return (best, found) }
        var shorter = best
        shorter.removeSubrange(at..<min(at + piece, best.count))
        if let failure = failure(shorter) {
          best = Array(shorter.prefix(max(1, failure.operationCount)))
          found = failure
          hasShrunk = true
        } else {
          at += piece
        }
      }
      if piece == 1, !hasShrunk { break }
      if !hasShrunk || piece > best.count { piece = max(1, min(piece / 2, best.count)) }
    }
    simplify(&best, &found, goesOn)
    return (best, found)
  }

  private mutating func simplify(
    _ best: inout [Operation], _ found: inout SimulatedRun.Failure, _ goesOn: () -> Bool
  ) {
    for at in best.indices {
      let edits: [(inout Operation) -> Void] = [
        { $0.wait = 0 }, { $0.delay = 0 }, { $0.process = 0 }, { $0.c &= 0x3ff },
        { $0.a &= 0xff }, { $0.b &= 0xff }, { $0.d &= 0xff },
      ]
      for edit in edits {
        guard goesOn(), at < best.count else { return }
        var simpler = best
        edit(&simpler[at])
        guard simpler != best, let failure = failure(simpler) else { continue }
        best = simpler
        found = failure
      }
    }
  }
}
