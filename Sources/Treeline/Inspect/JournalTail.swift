import Journal
import LinuxSystem
import Tree

/// The last lines of a journal that a filter wants, found from its end: of what lies before them only
/// the names are read, from the last checkpoint on.
public struct JournalTail: Sendable {
  /// Oldest first.
  public let lines: [JournalLine]
  /// Whether there are no others in the span.
  public let areAll: Bool
  /// Bytes of the journal's content that were read for them; nil where the index was of no use.
  package let plainBytes: UInt64?

  /// So many commits are looked at first, and each time that these have too few lines, `growth` times as
  /// many: what was read in vain is then a small part.
  static let commitCountFirst: UInt64 = 64
  static let growth: UInt64 = 8

  /// - Parameter limit: how many lines are wanted at most; at least 1.
  public init(journal: [UInt8], filter: LineFilter, limit: Int) throws(TreelineError) {
    try self.init(journal: journal, filter: filter, limit: limit, isIndexed: true)
  }

  /// - Parameter isIndexed: otherwise no index is asked.
  package init(
    journal: [UInt8], filter: LineFilter, limit: Int, isIndexed: Bool
  ) throws(TreelineError) {
    if isIndexed, let found = try Self.indexed(journal, filter, limit) {
      (lines, areAll, plainBytes) = found
      return
    }
    let bounds = try Self.bounds(journal, filter)
    var count = Self.commitCountFirst
    while true {
      let first = bounds.last - bounds.first < count ? bounds.first : bounds.last - count + 1
      var end = try Self.end(journal, filter, from: Sequence(first))
      // Most filters want most lines, so at first no more commits are told of than have as many changes.
      if count == Self.commitCountFirst { end.trim(to: limit) }
      let kept = try Self.lines(journal, filter, end, limit)
      let isWhole = end.reachesBefore || end.first.rawValue == bounds.first
      if kept.all.count == limit || isWhole {
        lines = kept.all
        areAll = kept.areAll && isWhole
        plainBytes = nil
        return
      }
      count *= Self.growth
    }
  }

  /// The first and the last commit that may be wanted.
  static func bounds(
    _ journal: [UInt8], _ filter: LineFilter
  ) throws(TreelineError) -> (first: UInt64, last: UInt64) {
    do throws(JournalError) {
      let reader = try JournalReader.open(at: journal)
      var first = reader.position.sequence.rawValue + 1
      var last = try reader.durable().sequence.rawValue
      if case .sequence(let since) = filter.since { first = max(first, since.rawValue) }
      if case .sequence(let until) = filter.until { last = min(last, until.rawValue) }
      return (first, max(first, last))
    } catch {
      throw TreelineError(error, journal: journal)
    }
  }

  /// The last commits, and what they are about: no other names need to be known.
  struct End {
    var commits: [(sequence: Sequence, objects: [ObjectID])] = []
    /// The directories in which each commit names anything: of which object, and whether that is one itself.
    private var parents: [[(object: Int, isDirectory: Bool, parent: ObjectID)]] = []
    var first: Sequence
    /// There are commits in it that the filter's start leaves out.
    var reachesBefore = false
    /// Of the first commit the last objects alone are in it.
    var isTrimmed = false
    private var trimmedCount = 0

    init(first: Sequence) { self.first = first }

    /// Takes a commit in; false when it comes after all that is wanted.
    mutating func take(_ commit: Commit, _ filter: LineFilter) -> Bool {
      if case .time(let since) = filter.since, commit.header.time < since { reachesBefore = true }
      if case .sequence(let until) = filter.until, until < commit.cursor.sequence { return false }
      if case .time(let until) = filter.until, until < commit.header.time { return false }
      // In the order in which they are told.
      let objects = commit.changes.objects.sorted { $0.id < $1.id }
      commits.append((commit.cursor.sequence, objects.map(\.id)))
      var named: [(object: Int, isDirectory: Bool, parent: ObjectID)] = []
      for (place, object) in objects.enumerated() {
        let isDirectory = object.attributes.kind == .directory
        for link in commit.changes.links(of: object) { named.append((place, isDirectory, link.parent)) }
      }
      for transient in commit.attribution.transients { named.append((0, true, transient.parent)) }
      parents.append(named)
      return true
    }

    /// The directories in which the objects, or any directory, are named.
    var namingDirectories: Set<ObjectID> {
      var found: Set<ObjectID> = []
      for (at, named) in parents.enumerated() {
        for link in named where at > 0 || link.isDirectory || link.object >= trimmedCount {
          found.insert(link.parent)
        }
      }
      return found
    }

    var objectCount: Int { commits.reduce(0) { $0 + $1.objects.count } }

    /// Leaves so many objects in it, the last.
    mutating func trimObjects(to limit: Int) {
      var count = 0
      guard let at = commits.lastIndex(where: { commit in
        count += commit.objects.count
        return count >= limit
      }) else { return }
      isTrimmed = at > 0 || count > limit
      commits.removeFirst(at)
      parents.removeFirst(at)
      trimmedCount = count - limit
      commits[0].objects.removeFirst(trimmedCount)
      first = commits[0].sequence
      reachesBefore = false
    }

    mutating func trim(to limit: Int) {
      var count = 0
      guard let at = commits.lastIndex(where: { commit in
        count += max(1, commit.objects.count)
        return count >= limit
      }), at > 0 else { return }
      commits.removeFirst(at)
      first = commits[0].sequence
      reachesBefore = false
    }
  }

  private static func end(
    _ journal: [UInt8], _ filter: LineFilter, from first: Sequence
  ) throws(TreelineError) -> End {
    var end = End(first: first)
    do throws(JournalError) {
      let reader = try JournalReader.open(at: journal)
      // Where it was composed with others, they are read as well.
      try reader.seek(atOrBefore: Sequence(first.rawValue - 1))
      var commit = Commit()
      while try reader.next(&commit) {
        if commit.cursor.sequence < first { continue }
        guard end.take(commit, filter) else { break }
      }
    } catch {
      throw TreelineError(error, journal: journal)
    }
    return end
  }

  private static func lines(
    _ journal: [UInt8], _ filter: LineFilter, _ end: End, _ limit: Int
  ) throws(TreelineError) -> LastElements<JournalLine> {
    var part = filter
    part.since = .sequence(end.first)
    var touched: Set<ObjectID> = []
    for commit in end.commits { touched.formUnion(commit.objects) }
    let narration = try JournalNarration(
      journal: journal, filter: part, only: touched, withMarks: true)
    var kept = LastElements<JournalLine>(limit: limit)
    _ = try narration.tell { line in
      if case .time(let since) = filter.since, line.time < since { return }
      kept.add(line)
    }
    return kept
  }
}
