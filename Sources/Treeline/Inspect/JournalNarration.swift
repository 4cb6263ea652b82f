import Journal
import Tree

/// Reads a journal, also while it is written, and gives its lines with paths in place of ids.
public final class JournalNarration {
  private let walk: CommitWalk
  private let filter: LineFilter
  private var narrator: Narrator
  private var commit = Commit()

  /// Opens a journal to tell it from the filter's start on.
  ///
  /// - Parameter onlyNew: tells only what is written from now on.
  public init(
    journal path: [UInt8], filter: LineFilter, onlyNew: Bool = false
  ) throws(TreelineError) {
    self.filter = filter
    var narrator = Narrator()
    walk = try CommitWalk(
      journal: path, since: filter.since, until: filter.until, isOnlyNew: onlyNew
    ) { narrator.pass($0) }
    self.narrator = narrator
  }

  /// Gives the lines of the commits that are there and were not given yet.
  ///
  /// - Returns: false when nothing that is wanted can follow any more.
  public func tell(
    _ body: (JournalLine) throws(TreelineError) -> Void
  ) throws(TreelineError) -> Bool {
    while true {
      switch try walk.next(&commit) {
      case .end: return true
      case .past: return false
      case .before: narrator.pass(commit.changes)
      case .wanted:
        try narrator.tell(commit) { line throws(TreelineError) in
          if filter.wants(line) { try body(line) }
        }
      }
    }
  }

  /// The object that has a path after the last commit that was told.
  func object(at path: [UInt8]) -> ObjectID? { narrator.table.object(at: path) }
}
