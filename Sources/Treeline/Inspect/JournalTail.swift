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

  /// So many commits are looked at first, and each time that these have too few lines, `growth` times as
  /// many: what was read in vain is then a small part.
  private static let commitCountFirst: UInt64 = 64
  private static let growth: UInt64 = 8

  /// - Parameter limit: how many lines are wanted at most; at least 1.
  public init(journal: [UInt8], filter: LineFilter, limit: Int) throws(TreelineError) {
    let bounds = try Self.bounds(journal, filter)
    var count = Self.commitCountFirst
    while true {
      let first =
        bounds.last - bounds.first < count ? bounds.first : bounds.last - count + 1
      let (kept, isBefore) = try Self.read(journal, filter, from: Sequence(first), limit)
      if kept.all.count == limit || first == bounds.first || isBefore {
        lines = kept.all
        areAll = kept.areAll && (first == bounds.first || isBefore)
        return
      }
      count *= Self.growth
    }
  }

  /// The first and the last commit that may be wanted.
  private static func bounds(
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

  /// - Returns: the lines wanted from a commit on, and whether something there is before the span.
  private static func read(
    _ journal: [UInt8], _ filter: LineFilter, from first: Sequence, _ limit: Int
  ) throws(TreelineError) -> (LastElements<JournalLine>, isBefore: Bool) {
    let (touched, isBefore) = try objects(journal, filter, from: first)
    var part = filter
    part.since = .sequence(first)
    let narration = try JournalNarration(journal: journal, filter: part, only: touched, withMarks: true)
    var kept = LastElements<JournalLine>(limit: limit)
    _ = try narration.tell { line in
      if case .time(let since) = filter.since, line.time < since { return }
      kept.add(line)
    }
    return (kept, isBefore)
  }

  /// What the commits from one on are about; only their names need to be known.
  private static func objects(
    _ journal: [UInt8], _ filter: LineFilter, from first: Sequence
  ) throws(TreelineError) -> (Set<ObjectID>, isBefore: Bool) {
    var touched: Set<ObjectID> = []
    var isBefore = false
    do throws(JournalError) {
      let reader = try JournalReader.open(at: journal)
      guard try reader.seek(after: Sequence(first.rawValue - 1)) else { return (touched, true) }
      var commit = Commit()
      while try reader.next(&commit) {
        if case .time(let since) = filter.since, commit.header.time < since { isBefore = true }
        for object in commit.changes.objects { touched.insert(object.id) }
      }
    } catch {
      throw TreelineError(error, journal: journal)
    }
    return (touched, isBefore)
  }
}
