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
  /// - Parameters:
  ///   - onlyNew: tells only what is written from now on.
  ///   - only: tells of these objects alone, and takes no memory for the names of other files.
  ///   - withMarks: tells of marks as well.
  ///   - passed: what it tells of that came and went; nil tells of all where it tells of marks.
  public init(
    journal path: [UInt8], filter: LineFilter, onlyNew: Bool = false, only: Set<ObjectID>? = nil,
    withMarks: Bool? = nil, passed: PassedChoice? = nil
  ) throws(TreelineError) {
    self.filter = filter
    var narrator = Narrator(only: only, withMarks: withMarks ?? (only == nil), passed: passed)
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
}
