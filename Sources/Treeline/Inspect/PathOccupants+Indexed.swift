import Journal
import Tree

extension PathOccupants {
  /// Finds the objects from those commits alone in which one of the path's names changed.
  ///
  /// - Returns: nil where no index is of use.
  static func search(
    _ journal: IndexedJournal, _ path: [UInt8]
  ) throws(TreelineError) -> Found? {
    var tracker = PathTracker(path)
    try journal.begin { tracker.apply($0) }
    var commit = Commit()
    var places: Set<CommitPlace> = []
    // All that ever were the directory in which the next name is looked for.
    var directories: Set<ObjectID> = [.root]
    for (level, component) in tracker.components.enumerated() where !directories.isEmpty {
      let keys = directories.map { IndexKey.name(component, in: $0) }
      guard let hits = try journal.hits(of: keys), try journal.begin(with: keys, { tracker.apply($0) }) else {
        return nil
      }
      var holders = tracker.holders(at: level, in: directories)
      let found = Set(hits.map(\.place))
      for place in found.sorted() {
        guard try journal.read(place, &commit) else { return nil }
        for object in commit.changes.objects {
          for link in commit.changes.links(of: object) where directories.contains(link.parent) {
            let isIt = commit.changes.withBytes(link.name) { $0.elementsEqual(component) }
            if isIt { holders.insert(object.id) }
          }
        }
      }
      places.formUnion(found)
      directories = holders
    }
    var found = Found()
    for place in places.sorted() {
      guard try journal.read(place, &commit) else { return nil }
      tracker.follow(commit, &found)
      if found.passed[commit.cursor.sequence] != nil { found.passedPlaces.append(place) }
    }
    if let present = tracker.occupant { found.last[present] = Sequence(UInt64.max) }
    return found
  }

  /// Gives the lines from those commits alone that say something of the objects, or of what came and went at
  /// the path.
  ///
  /// - Returns: false where no index is of use, or it is found to be wrong: what was given until then is as
  ///   it should be.
  static func tell(
    _ journal: IndexedJournal, _ found: Found, _ path: [UInt8], _ filter: LineFilter,
    _ body: (JournalLine) throws(TreelineError) -> Void
  ) throws(TreelineError) -> Bool {
    let ids = Set(found.last.keys)
    let keys = Array(ids)
    guard var hits = try journal.hits(of: keys.map { .object($0) }) else { return false }
    // After its last a directory is told of no more, and may yet lead to another.
    hits.removeAll { !$0.isOfNames && $0.place.sequence > found.last[keys[$0.key]]! }
    var narrator = Narrator(only: ids, withMarks: false, passed: .of(path, found.passed))
    try journal.begin { narrator.pass($0) }
    var trail = NameTrail(journal)
    guard try trail.follow(ids, isKept: false, narrator.table) else { return false }
    let pieces = trail.pieces
    var next = 0
    var commit = Commit()
    let span = CommitSpan(filter)
    for place in Set(hits.map(\.place) + found.passedPlaces).sorted() {
      while next < pieces.count, pieces[next].sequence <= place.sequence {
        // What this commit says itself is taken in with it.
        if pieces[next].sequence < place.sequence { narrator.pass(pieces[next].changes) }
        next += 1
      }
      guard try journal.read(place, &commit) else { return false }
      guard
        found.passed[commit.cursor.sequence] != nil || commit.changes.objects.contains(where: { ids.contains($0.id) })
      else { return false }
      switch span.step(commit) {
      case .before: narrator.pass(commit.changes)
      case .past: return true
      case .wanted:
        try narrator.tell(commit) { line throws(TreelineError) in
          if filter.wants(line) { try body(line) }
        }
      }
    }
    return true
  }
}
