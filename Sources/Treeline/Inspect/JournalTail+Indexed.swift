import Journal
import Tree

extension JournalTail {
  /// Lines that are wanted of all kinds are searched for among so many objects at most; a filter that leaves
  /// out more is better served by reading on.
  private static let objectCountMax = 512
  private static let commitCountMax: UInt64 = 4_096

  /// Finds the lines from the last commits, and from those alone that named the objects in them before.
  ///
  /// - Returns: nil where no index is of use.
  static func indexed(
    _ journal: [UInt8], _ filter: LineFilter, _ limit: Int
  ) throws(TreelineError) -> (lines: [JournalLine], areAll: Bool, plainBytes: UInt64)? {
    guard limit <= objectCountMax else { return nil }
    let indexed = try IndexedJournal(journal)
    let bounds = try bounds(journal, filter)
    // Most filters want most lines, and each object gives one at least: one commit may have enough of them.
    var isTrimmed = filter.paths.isEmpty && filter.actors.isEmpty
    var count = isTrimmed ? 1 : commitCountFirst / growth
    while count <= commitCountMax {
      let first = bounds.last - bounds.first < count ? bounds.first : bounds.last - count + 1
      guard var end = try end(indexed, filter, from: Sequence(first)) else { return nil }
      if isTrimmed {
        let isAll = end.reachesBefore || end.first.rawValue == bounds.first
        if !isAll, count < commitCountFirst / growth, end.objectCount < limit {
          count *= growth
          continue
        }
        end.trimObjects(to: limit)
      }
      guard let kept = try lines(indexed, filter, end, limit) else { return nil }
      let isWhole = !end.isTrimmed && (end.reachesBefore || end.first.rawValue == bounds.first)
      if kept.all.count == limit || isWhole { return (kept.all, kept.areAll && isWhole, indexed.plainBytes) }
      if isTrimmed { isTrimmed = false } else { count *= growth }
    }
    return nil
  }

  private static func end(
    _ journal: IndexedJournal, _ filter: LineFilter, from first: Sequence
  ) throws(TreelineError) -> End? {
    var end = End(first: first)
    var commit = Commit()
    guard let place = try journal.place(atOrBefore: first), try journal.read(place, &commit) else { return nil }
    let durable = try journal.durable()
    repeat {
      if commit.cursor.sequence == durable.sequence, commit.cursor.chain != durable.chain { return nil }
      if commit.cursor.sequence < first { continue }
      guard end.take(commit, filter) else { break }
    } while try journal.next(&commit)
    return end
  }

  private static func lines(
    _ journal: IndexedJournal, _ filter: LineFilter, _ end: End, _ limit: Int
  ) throws(TreelineError) -> LastElements<JournalLine>? {
    var kept = LastElements<JournalLine>(limit: limit)
    guard let first = end.commits.first else { return kept }
    let objects = Set(end.commits.flatMap(\.objects))
    let firstObjects = Set(first.objects)
    guard objects.count <= objectCountMax, let place = try journal.place(atOrBefore: first.sequence) else {
      return nil
    }
    var narrator = Narrator(only: objects, withMarks: true)
    try journal.begin { narrator.pass($0) }
    var trail = NameTrail(journal, before: place.sequence)
    guard try trail.follow(objects, withAttributes: true, narrator.table),
      try trail.follow(end.namingDirectories, narrator.table)
    else { return nil }
    for piece in trail.pieces { narrator.pass(piece.changes) }
    var part = filter
    part.since = .sequence(end.first)
    let span = CommitSpan(part)
    var commit = Commit()
    guard try journal.read(place, &commit) else { return nil }
    repeat {
      switch span.step(commit) {
      case .before: narrator.pass(commit.changes)
      case .past: return kept
      case .wanted:
        narrator.tell(commit) { line in
          // What was left out of the first commit stands before what is told of it.
          if end.isTrimmed, line.sequence == first.sequence, line.operation != .transient,
            !(line.object.map { firstObjects.contains($0.id) } ?? false)
          {
            return
          }
          if case .time(let since) = filter.since, line.time < since { return }
          if filter.wants(line) { kept.add(line) }
        }
      }
    } while try journal.next(&commit)
    return kept
  }
}
