import Journal
import Tree

/// Reads ahead of a replay how much there is to do.
final class ReplayForecast {
  private let journal: JournalReader
  private var checkpoint: CheckpointReader?
  private var end: Sequence
  private var commit = Commit()

  /// - Parameters:
  ///   - end: the last commit that is not counted any more.
  ///   - startsFromCheckpoint: counts the newest checkpoint first; `end` is the commit that it stands for.
  init(_ path: [UInt8], after end: Sequence, startsFromCheckpoint: Bool) throws(JournalError) {
    journal = try JournalReader.open(at: path)
    if startsFromCheckpoint { checkpoint = try journal.checkpoint(atOrBefore: end) }
    self.end = end
    _ = try journal.seek(after: end)
  }

  /// What the commits up to a limit ask for that were not read yet.
  func read(upTo limit: Sequence) throws(JournalError) -> ReplayAmount {
    var amount = ReplayAmount()
    if let reader = checkpoint {
      while try reader.next(&commit.changes) { amount = amount + ReplayAmount(commit.changes) }
      checkpoint = nil
    }
    while end < limit, try journal.next(&commit) {
      amount = amount + ReplayAmount(commit.changes)
      end = commit.cursor.sequence
    }
    return amount
  }
}
