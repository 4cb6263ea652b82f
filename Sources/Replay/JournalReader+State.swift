import Journal
import Tree

extension JournalReader {
  /// Reads what stood at a commit: the newest checkpoint before it, and the commits from there on.
  ///
  /// - Throws: `.journal` when it is damaged or was dropped, and what `body` throws.
  func forEachChangeSet(
    upTo cursor: Cursor, _ body: (ChangeSet) throws(ReplayError) -> Void
  ) throws(ReplayError) {
    do throws(JournalError) {
      if let checkpoint = try checkpoint(atOrBefore: cursor.sequence) {
        var chunk = ChangeSet()
        while try checkpoint.next(&chunk) { try Self.damaging(chunk, body) }
        try seek(after: checkpoint.cursor.sequence)
      } else if try !seek(after: Sequence.zero) {
        throw .dropped(upTo: oldest.sequence)
      }
      var commit = Commit()
      var at = Sequence.zero
      while at < cursor.sequence, try next(&commit) {
        at = commit.cursor.sequence
        if at > cursor.sequence { break }
        try Self.damaging(commit.changes, body)
      }
    } catch {
      throw .journal(error)
    }
  }

  /// What no tree can be is damage of the journal.
  private static func damaging(
    _ changes: ChangeSet, _ body: (ChangeSet) throws(ReplayError) -> Void
  ) throws(JournalError) {
    do throws(ReplayError) {
      try body(changes)
    } catch .journal(let error) {
      throw error
    } catch {
      throw JournalError.damaged(
        Finding(file: "", offset: 0, sequence: nil, what: "what no tree can be"))
    }
  }
}
