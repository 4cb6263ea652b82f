import Journal
import Tree

/// Reads a journal, also while it is written, and gives its lines with paths in place of ids.
public final class JournalNarration {
  private let path: [UInt8]
  private let reader: JournalReader
  private let filter: LineFilter
  private var narrator = Narrator()
  private var commit = Commit()

  /// Opens a journal to tell it from the filter's start on.
  ///
  /// - Parameter onlyNew: tells only what is written from now on.
  public init(
    journal path: [UInt8], filter: LineFilter, onlyNew: Bool = false
  ) throws(TreelineError) {
    self.path = path
    self.filter = filter
    do throws(JournalError) {
      reader = try JournalReader.open(at: path)
      var latest: Sequence? = nil
      if case .sequence(let first) = filter.since, first > .zero {
        latest = Sequence(first.rawValue - 1)
      }
      if onlyNew || latest != nil, let checkpoint = try reader.checkpoint(atOrBefore: latest) {
        var changes = ChangeSet()
        while try checkpoint.next(&changes) { narrator.pass(changes) }
        guard try reader.seek(after: checkpoint.cursor) else {
          throw .damaged(
            Finding(
              file: "checkpoint", offset: 0, sequence: checkpoint.cursor.sequence,
              what: "it does not belong to the commits beside it"))
        }
      }
      if onlyNew { while try reader.next(&commit) { narrator.pass(commit.changes) } }
    } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// Gives the lines of the commits that are there and were not given yet.
  ///
  /// - Returns: false when nothing that is wanted can follow any more.
  public func tell(
    _ body: (JournalLine) throws(TreelineError) -> Void
  ) throws(TreelineError) -> Bool {
    while try next() {
      if filter.isAfterAll(commit) { return false }
      if filter.isBeforeAll(commit) {
        narrator.pass(commit.changes)
        continue
      }
      try narrator.tell(commit) { line throws(TreelineError) in
        if filter.wants(line) { try body(line) }
      }
    }
    return true
  }

  /// The object that has a path after the last commit that was told.
  func object(at path: [UInt8]) -> ObjectID? { narrator.table.object(at: path) }

  private func next() throws(TreelineError) -> Bool {
    do throws(JournalError) { return try reader.next(&commit) } catch {
      throw TreelineError(error, journal: path)
    }
  }
}
