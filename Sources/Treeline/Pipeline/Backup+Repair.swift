import LinuxSystem
import Replay
import Tree

/// Requests to repair, between the control socket's threads and the one that holds the destination.
struct RepairQueue {
  private(set) var waiting: [(ticket: Int, suspects: [ScrubSuspect])] = []
  private var answers: [Int: [RepairOutcome]] = [:]
  private var lastTicket = 0

  mutating func ask(_ suspects: [ScrubSuspect]) -> Int {
    lastTicket += 1
    waiting.append((lastTicket, suspects))
    return lastTicket
  }

  mutating func answer(_ ticket: Int, _ outcomes: [RepairOutcome]) {
    guard waiting.contains(where: { $0.ticket == ticket }) else { return }
    waiting.removeAll { $0.ticket == ticket }
    answers[ticket] = outcomes
  }

  mutating func takeAnswer(_ ticket: Int) -> [RepairOutcome]? { answers.removeValue(forKey: ticket) }

  /// Nobody waits for the answer any more.
  mutating func forget(_ ticket: Int) {
    waiting.removeAll { $0.ticket == ticket }
    answers[ticket] = nil
  }
}

extension Backup {
  public func repair(_ suspects: [RepairSuspect]) -> RepairAnswer {
    guard options.destination != nil else { return .refused("it only records") }
    let wanted = suspects.compactMap { ScrubSuspect($0) }
    guard wanted.count == suspects.count else { return .refused("it is of another version") }
    let ticket = state.change { $0.repairs.ask(wanted) }
    let answer = state.wait { state -> RepairAnswer? in
      if let outcomes = state.repairs.takeAnswer(ticket) { return .done(outcomes) }
      guard let end = Self.obstacle(state) else { return nil }
      switch end {
      case .unavailable(let why), .halted(let why), .failed(let why): return .refused(why)
      case .done, .incomplete: return .refused("the backup is stopping")
      }
    }
    state.with { $0.repairs.forget(ticket) }
    return answer ?? .refused("the backup is stopping")
  }
}

extension ScrubSuspect {
  init?(_ suspect: RepairSuspect) {
    guard let what = ScrubFinding.What(rawValue: suspect.what) else { return nil }
    self.init(what: what, id: ObjectID(suspect.id), name: suspect.name)
  }
}

extension RepairSuspect {
  init(_ suspect: ScrubSuspect) {
    self.init(what: suspect.what.rawValue, id: suspect.id.rawValue, name: suspect.name)
  }
}

extension RepairOutcome {
  init(_ outcome: ScrubFinding.Outcome) {
    self =
      switch outcome {
      case .repaired: .repaired
      case .sound: .sound
      case .pending(let reason): .left(describe(reason))
      case .left(let why): .left(why)
      }
  }
}

extension ScrubFinding.Outcome {
  init(_ outcome: RepairOutcome) {
    self =
      switch outcome {
      case .repaired: .repaired
      case .sound: .sound
      case .left(let why): .left(why)
      }
  }
}
