import Journal
import Tree

/// Reads the commits of a span of a journal, also while it is written, and before them what must be
/// known to understand them: the tree that they begin with.
final class CommitWalk {
  enum Step {
    /// Not wanted, but it says what the tree is.
    case before
    case wanted
    /// There is no more now.
    case end
    /// Nothing that is wanted can follow any more.
    case past
  }

  let reader: JournalReader
  private let path: [UInt8]
  private let span: CommitSpan

  /// Opens a journal at the last checkpoint that is known to be before the span.
  ///
  /// - Parameters:
  ///   - isOnlyNew: begins after all that is there.
  ///   - begin: is given the tree at the start, piece by piece.
  init(
    journal path: [UInt8], since: Moment?, until: Moment?, isOnlyNew: Bool = false,
    begin: (ChangeSet) -> Void
  ) throws(TreelineError) {
    self.path = path
    span = CommitSpan(since: since, until: until)
    do throws(JournalError) {
      reader = try JournalReader.open(at: path)
      var latest: Sequence? = nil
      if case .sequence(let first) = since, first > .zero {
        latest = Sequence(first.rawValue - 1)
      }
      // What the first commits are about was there before them, where a journal begins later.
      if !isOnlyNew, reader.oldest.sequence > .zero {
        latest = max(latest ?? .zero, reader.oldest.sequence)
      }
      if isOnlyNew || latest != nil, let checkpoint = try reader.checkpoint(atOrBefore: latest) {
        var changes = ChangeSet()
        while try checkpoint.next(&changes) { begin(changes) }
        guard try reader.seek(after: checkpoint.cursor) else {
          throw .damaged(
            Finding(
              file: "checkpoint", offset: 0, sequence: checkpoint.cursor.sequence,
              what: "it does not belong to the commits beside it"))
        }
      }
      if isOnlyNew {
        var commit = Commit()
        while try reader.next(&commit) { begin(commit.changes) }
      }
    } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// Reads the next commit.
  func next(_ commit: inout Commit) throws(TreelineError) -> Step {
    do throws(JournalError) {
      guard try reader.next(&commit) else { return .end }
    } catch {
      throw TreelineError(error, journal: path)
    }
    switch span.step(commit) {
    case .before: return .before
    case .wanted: return .wanted
    case .past: return .past
    }
  }
}
