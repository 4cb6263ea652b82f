import Journal
import LinuxSystem
import Tree

/// The objects that ever had a path, and the lines of a journal about them while they had it and before,
/// under whatever name.
///
/// Programs that save by writing another file and renaming it over the first put a new object there each
/// time: each is told of up to when it left the path. What came and went there between two commits is told of
/// where it was recorded.
struct PathOccupants {
  struct Found {
    /// Each object with the last commit of which it is told.
    var last: [ObjectID: Sequence] = [:]
    /// The commits before which something came and went there, and in which directory.
    var passed: [Sequence: ObjectID] = [:]
    /// Where these stand, as far as an index says.
    var passedPlaces: [CommitPlace] = []
    var isEmpty: Bool { last.isEmpty && passed.isEmpty }
  }

  private let journal: [UInt8]
  private let path: [UInt8]
  private let found: Found

  var isEmpty: Bool { found.isEmpty }

  /// Bytes of content that were read so far; nil where the whole journal was.
  var plainBytes: UInt64? { indexed?.plainBytes }

  /// nil where no index is of use.
  private let indexed: IndexedJournal?

  /// Finds the objects in the index, or reads a journal once.
  ///
  /// - Parameters:
  ///   - path: from the source's root, without a leading `/`; `.` for the root.
  ///   - isIndexed: otherwise no index is asked.
  init(journal: [UInt8], path: [UInt8], isIndexed: Bool = true) throws(TreelineError) {
    self.journal = journal
    self.path = path
    if isIndexed {
      let indexed = try IndexedJournal(journal)
      if let found = try Self.search(indexed, path) {
        self.found = found
        self.indexed = indexed
        return
      }
    }
    indexed = nil
    var tracker = PathTracker(path)
    var found = Found()
    let walk = try CommitWalk(journal: journal, since: nil, until: nil) { tracker.apply($0) }
    var commit = Commit()
    while try walk.next(&commit) == .wanted {
      tracker.follow(commit, &found)
    }
    // What is there now may be told of for ever.
    if let present = tracker.occupant { found.last[present] = Sequence(UInt64.max) }
    self.found = found
  }

  /// Gives the lines, oldest first; within one commit, what went before what came.
  func tell(
    _ filter: LineFilter, _ body: (JournalLine) throws(TreelineError) -> Void
  ) throws(TreelineError) {
    guard !isEmpty else { return }
    var held: [JournalLine] = []
    func give() throws(TreelineError) {
      for line in held where line.operation == .remove { try body(line) }
      for line in held where line.operation != .remove { try body(line) }
      held.removeAll(keepingCapacity: true)
    }
    // Up to here all was given, when an index turns out to be wrong.
    var done = Sequence.zero
    func take(_ line: JournalLine) throws(TreelineError) {
      guard let object = line.object else { return }
      // Of what came and went only that is told which had the path.
      if line.operation != .transient {
        guard let last = found.last[object.id], line.sequence <= last else { return }
      }
      if held.first?.sequence != line.sequence { try give() }
      held.append(line)
    }
    if let indexed {
      let isTold = try Self.tell(indexed, found, path, filter) { line throws(TreelineError) in
        try take(line)
        done = line.sequence
      }
      if isTold { return try give() }
    }
    let narration = try JournalNarration(
      journal: journal, filter: filter, only: Set(found.last.keys), passed: .of(path, found.passed))
    _ = try narration.tell { line throws(TreelineError) in
      if line.sequence > done { try take(line) }
    }
    try give()
  }
}
