import Journal
import LinuxSystem
import Tree

/// What changed between two commits of a journal, all in between composed: an object that came and went
/// stands in it no more, and of one that was renamed twice the first and the last name.
///
/// It takes memory for what changed in between and for the names of all directories, not for the whole
/// tree. Order and actors are forgotten by it.
public struct NetChange {
  /// The commit whose tree is the one before.
  public let from: Sequence
  /// The commit whose tree is the one after.
  public let to: Cursor
  private var commit: Commit
  private var narrator: Narrator

  /// So much memory may the composition take.
  private static let residentBytesMax = 1 << 30

  /// Composes what lies between two points.
  ///
  /// - Parameters:
  ///   - from: number 0 is the empty tree before the first commit.
  ///   - to: nil for the journal's end.
  public init(journal: [UInt8], from: Moment, to: Moment?) throws(TreelineError) {
    var first = Sequence.zero
    if from != .sequence(.zero) { first = try lastCommit(of: journal, at: from) }
    let last: Sequence
    if let to {
      last = try lastCommit(of: journal, at: to)
    } else {
      let end: Cursor
      do throws(JournalError) { end = try JournalReader.open(at: journal).durable() } catch {
        throw TreelineError(error, journal: journal)
      }
      last = try lastCommit(of: journal, at: .sequence(end.sequence))
    }
    try self.init(journal: journal, after: first, through: last)
  }

  /// Composes the commits after `first`, up to `last`.
  public init(
    journal: [UInt8], after first: Sequence, through last: Sequence
  ) throws(TreelineError) {
    guard first <= last else {
      throw TreelineError(
        "compare", path: journal, why: "commit \(first.rawValue) comes after \(last.rawValue)",
        advice: "name the earlier one first")
    }
    from = first
    commit = try Self.composition(journal, first, last)
    to = commit.cursor
    var narrator = Narrator(only: Set(commit.changes.objects.map(\.id)))
    let walk = try CommitWalk(journal: journal, since: .sequence(first.next), until: .sequence(first)) {
      narrator.pass($0)
    }
    var earlier = Commit()
    while try walk.next(&earlier) == .before { narrator.pass(earlier.changes) }
    self.narrator = narrator
  }

  /// One commit in place of many: with the number and time of the last.
  private static func composition(
    _ journal: [UInt8], _ first: Sequence, _ last: Sequence
  ) throws(TreelineError) -> Commit {
    let reader = try Self.reader(journal, after: first)
    var composer = ChangeComposer()
    var commit = Commit()
    while reader.position.sequence < last {
      do throws(JournalError) { guard try reader.next(&commit) else { break } } catch {
        throw TreelineError(error, journal: journal)
      }
      guard composer.hasRoom(for: commit.changes), composer.residentBytes < residentBytesMax else {
        throw TreelineError(
          "compose the changes of", path: journal, why: "too much changed in between",
          advice: "compare points that are nearer to each other")
      }
      composer.add(commit.changes)
    }
    commit.cursor = reader.position
    commit.first = commit.cursor.sequence
    commit.changes = composer.finish()
    commit.marks = []
    commit.attribution.removeAll()
    return commit
  }

  private static func reader(
    _ journal: [UInt8], after first: Sequence
  ) throws(TreelineError) -> JournalReader {
    var reader: JournalReader?
    do throws(JournalError) {
      let opened = try JournalReader.open(at: journal)
      var isThere = opened.position.sequence == first
      if !isThere { isThere = try opened.seek(after: first) }
      if isThere { reader = opened }
    } catch {
      throw TreelineError(error, journal: journal)
    }
    guard let reader else {
      throw TreelineError(
        "go back to commit \(first.rawValue) of", path: journal,
        why: "the journal begins later, or holds it only together with others",
        advice: "`treeline journal show` tells which commits there are", exitCode: .damaged)
    }
    return reader
  }

  /// The changes themselves.
  public var changes: ChangeSet { commit.changes }

  /// Gives the lines, and then the names after the change, of directories and of what changed.
  func narrate(_ body: (JournalLine) -> Void) -> PathTable {
    var narrator = narrator
    narrator.tell(commit, body)
    return narrator.table
  }

  /// The names of the whole tree after the change.
  func wholeTable(_ journal: [UInt8]) throws(TreelineError) -> PathTable {
    var table = PathTable()
    let walk = try CommitWalk(
      journal: journal, since: .sequence(to.sequence.next), until: .sequence(to.sequence)
    ) { table.apply($0) }
    var commit = Commit()
    while try walk.next(&commit) == .before { table.apply(commit.changes) }
    return table
  }

  /// Gives a line for each thing that is other than before; all have the number and the time of the last
  /// commit.
  public func tell<Failure: Error>(
    _ body: (JournalLine) throws(Failure) -> Void
  ) throws(Failure) {
    var narrator = narrator
    try narrator.tell(commit, body)
  }
}
