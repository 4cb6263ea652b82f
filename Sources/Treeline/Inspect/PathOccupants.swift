import Journal
import LinuxSystem
import Tree

/// The objects that ever had a path, and the lines of a journal about them while they had it and before,
/// under whatever name.
///
/// Programs that save by writing another file and renaming it over the first put a new object there each
/// time: each is told of up to when it left the path.
struct PathOccupants {
  private let journal: [UInt8]
  /// Each object with the last commit of which it is told.
  private let last: [ObjectID: Sequence]

  var isEmpty: Bool { last.isEmpty }

  /// Reads a journal once.
  ///
  /// - Parameter path: from the source's root, without a leading `/`; `.` for the root.
  init(journal: [UInt8], path: [UInt8]) throws(TreelineError) {
    self.journal = journal
    var tracker = PathTracker(path)
    var last: [ObjectID: Sequence] = [:]
    let walk = try CommitWalk(journal: journal, since: nil, until: nil) { tracker.apply($0) }
    var commit = Commit()
    while try walk.next(&commit) == .wanted {
      let before = tracker.occupant
      tracker.apply(commit.changes)
      if let before, before != tracker.occupant { last[before] = commit.cursor.sequence }
    }
    // What is there now may be told of for ever.
    if let present = tracker.occupant { last[present] = Sequence(UInt64.max) }
    self.last = last
  }

  /// Reads the journal once more and gives the lines, oldest first; within one commit, what went before
  /// what came.
  func tell(
    _ filter: LineFilter, _ body: (JournalLine) throws(TreelineError) -> Void
  ) throws(TreelineError) {
    guard !last.isEmpty else { return }
    let narration = try JournalNarration(journal: journal, filter: filter, only: Set(last.keys))
    var held: [JournalLine] = []
    func give() throws(TreelineError) {
      for line in held where line.operation == .remove { try body(line) }
      for line in held where line.operation != .remove { try body(line) }
      held.removeAll(keepingCapacity: true)
    }
    _ = try narration.tell { line throws(TreelineError) in
      guard let object = line.object, let last = last[object.id], line.sequence <= last else { return }
      if held.first?.sequence != line.sequence { try give() }
      held.append(line)
    }
    try give()
  }
}
