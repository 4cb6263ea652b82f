import Journal
import Tree

/// Puts the parts of intents and states together.
struct HistoryTail {
  /// A state that was finished, with the plans that led to it.
  struct Finished {
    var applied: AppliedRecord
    var begun: [(changes: [AttributedChanges], intent: IntentRecord)]
  }

  var state = HistoryLog.State()
  private var changes: [AttributedChanges] = []
  private var intent = IntentRecord(entries: [])
  private var applied: AppliedRecord?

  /// Takes the next commit in.
  ///
  /// - Returns: the state that it finishes, if it does.
  mutating func take(_ commit: Commit) throws(PayloadReader.Malformed) -> Finished? {
    var finished: Finished?
    if commit.header.flags.contains(.incarnation) {
      // What a dead run had written before its intent was never begun.
      changes = []
      intent = IntentRecord(entries: [])
      applied = nil
    }
    if !commit.changes.isEmpty {
      changes.append(AttributedChanges(changes: commit.changes, attribution: commit.attribution))
    }
    for mark in commit.marks {
      guard let place = mark.payload.first else { continue }
      let follows = place & 1
      let isFirst = place & 2 != 0
      let payload = Array(mark.payload.dropFirst())
      switch mark.kind {
      case .intent:
        let part = try IntentRecord(payload: payload)
        if isFirst { intent.entries = [] }
        intent.entries += part.entries
        intent.end = part.end
        if follows != 0 { continue }
        state.begun.append((changes, intent))
        changes = []
        intent = IntentRecord(entries: [])
      case .applied, .adopted:
        let part = try AppliedRecord(payload: payload)
        if applied == nil || isFirst { applied = part } else { applied!.entries += part.entries }
        if follows != 0 { continue }
        finished = Finished(applied: applied!, begun: state.begun)
        state = HistoryLog.State(applied: applied)
        applied = nil
        changes = []
        intent = IntentRecord(entries: [])
      default:
        break
      }
    }
    return finished
  }
}
