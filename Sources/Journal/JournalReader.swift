import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Reads a journal from any point on, also while it is written: it gives whole commits only, each
/// checked against the one before.
public final class JournalReader {
  let directory: JournalDirectory
  public let id: JournalID
  public let source: SourceIdentity
  /// The commit that was read last; where reading goes on.
  public internal(set) var position: Cursor
  /// The point before the first commit that was there when the journal was opened.
  public let oldest: Cursor

  let decompressor = Decompressor()
  var file: OpenedFile?
  var frames: FrameReader?
  var segment = ""
  var commits = CommitReader()

  /// Opens a journal at its beginning.
  public static func open(at path: [UInt8]) throws(JournalError) -> JournalReader {
    try JournalReader(JournalDirectory(path: path))
  }

  init(_ directory: JournalDirectory) throws(JournalError) {
    self.directory = directory
    let header = try Self.beginning(of: directory)
    id = header.journal
    source = header.source
    oldest = Cursor(
      journal: header.journal, sequence: Sequence(header.sequence.rawValue - 1), chain: header.chain)
    position = oldest
  }

  /// The last commit that a crash cannot take back, as `HEAD` says.
  public func durable() throws(JournalError) -> Cursor {
    guard let bytes = try directory.read(Head.fileName, limit: 4_096), let head = Head.decode(bytes)
    else {
      throw .damaged(
        Finding(file: Head.fileName, offset: 0, sequence: nil, what: "neither of its slots is whole"))
    }
    guard head.cursor.journal == id else {
      throw .damaged(
        Finding(file: Head.fileName, offset: 0, sequence: nil, what: "it is of another journal"))
    }
    return head.cursor
  }

  // MARK: Seeking

  /// Goes to the point after a cursor.
  ///
  /// - Returns: false when the cursor is of another journal, or of another course of this one.
  @discardableResult
  public func seek(after cursor: Cursor) throws(JournalError) -> Bool {
    guard cursor.journal == id else { return false }
    guard try seek(after: cursor.sequence) else { return false }
    return position.chain == cursor.chain
  }

  /// Goes to the point after a commit.
  ///
  /// - Returns: false when there is no such commit.
  @discardableResult
  public func seek(after sequence: Sequence) throws(JournalError) -> Bool {
    guard sequence.rawValue < FrameLayout.sequenceMax, sequence >= oldest.sequence else { return false }
    let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
    guard let start = segments.last(where: { $0 <= sequence.next }) else { return false }
    try enter(start, expecting: nil)
    var commit = Commit()
    while position.sequence < sequence {
      if try pass() { continue }
      guard try next(&commit) else { return false }
    }
    return position.sequence == sequence
  }

  /// Goes to the last point at or before the one after a commit: that one, or where it was composed with
  /// others, the one before them all.
  ///
  /// - Returns: the last commit before which nothing is read any more.
  @discardableResult
  public func seek(atOrBefore sequence: Sequence) throws(JournalError) -> Sequence {
    let wanted = max(min(sequence.rawValue, FrameLayout.sequenceMax - 1), oldest.sequence.rawValue)
    let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
    guard let start = segments.last(where: { $0.rawValue <= wanted + 1 }) else {
      throw try missing(
        Finding(
          file: directory.path, offset: 0, sequence: oldest.sequence.next,
          what: "the commits before \(segments.first?.rawValue ?? 0) are not there any more"))
    }
    try enter(start, expecting: nil)
    var commit = Commit()
    while position.sequence.rawValue < wanted, let frames {
      if try pass() { continue }
      let (before, offset) = (position, frames.offset)
      guard try readCommit(&commit) else { break }
      if position.sequence.rawValue > wanted {
        frames.goBack(to: offset)
        position = before
        break
      }
    }
    return position.sequence
  }

  /// Passes a commit of this segment without looking at what it says; false where that cannot be done.
  private func pass() throws(JournalError) -> Bool {
    guard let frames else { return false }
    let start = frames.offset
    guard let cursor = try commits.pass(frames, after: position, file: segment) else {
      frames.goBack(to: start)
      return false
    }
    position = cursor
    return true
  }

  // MARK: Reading

  /// Reads the next commit.
  ///
  /// - Returns: false at the present end; called again later, it goes on.
  /// - Throws: `damaged` when what was durable is not there, or anything is not as it was written.
  public func next(_ commit: inout Commit) throws(JournalError) -> Bool {
    if frames == nil {
      let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
      guard let start = segments.last(where: { $0 <= position.sequence.next }) else {
        throw try missing(
          Finding(
            file: directory.path, offset: 0, sequence: position.sequence.next,
            what: "the commits before \(segments.first?.rawValue ?? 0) are not there any more"))
      }
      let wanted = position
      try enter(start, expecting: nil)
      while position.sequence < wanted.sequence { guard try readCommit(&commit) else { break } }
    }
    if try readCommit(&commit) { return true }
    let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
    if let later = segments.first(where: { $0 > position.sequence }), later == position.sequence.next,
      JournalDirectory.name(later, ending: JournalDirectory.segmentEnding) != segment
    {
      try enter(later, expecting: position)
      return try readCommit(&commit)
    }
    return false
  }

  /// Reads a commit of this segment; false where its commits end.
  ///
  /// What looks like an end may be a commit that was being written and has become durable since: where
  /// one must be, it is looked at once more before it is called damage.
  private func readCommit(_ commit: inout Commit) throws(JournalError) -> Bool {
    guard let frames else { return false }
    let start = frames.offset
    let expected = position.sequence.next
    var isSecondLook = false
    while true {
      guard let stop = try commits.read(frames, after: position, &commit, file: segment) else {
        if commit.isNet { try checkRange(commit, offset: start) }
        position = commit.cursor
        tornTail = nil
        return true
      }
      frames.goBack(to: start)
      let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
      if stop.isBorder, segments.contains(expected),
        segment != JournalDirectory.name(expected, ending: JournalDirectory.segmentEnding)
      {
        tornTail = nil
        return false
      }
      let finding = Finding(file: segment, offset: stop.offset, sequence: expected, what: stop.what)
      // Later segments, checkpoints and `HEAD` say what was durable.
      let checkpoints = try directory.numbers(ending: JournalDirectory.checkpointEnding)
      let durable = max(try durable().sequence, checkpoints.last ?? .zero)
      guard durable >= expected || segments.last ?? .zero > expected else {
        tornTail = stop.isBorder ? nil : finding
        return false
      }
      if isSecondLook { throw try missing(finding) }
      isSecondLook = true
    }
  }

  /// A range of commits ends where its segment does, or before: the next one was there when it was made.
  private func checkRange(_ commit: Commit, offset: Int64) throws(JournalError) {
    let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
    if let later = segments.first(where: { $0 > commit.first }), commit.cursor.sequence < later { return }
    // Of a segment that was dropped while it was read nothing is known but that it was whole.
    throw try missing(
      Finding(
        file: segment, offset: offset, sequence: commit.first,
        what: "it stands for commits that are not in its segment"))
  }

  /// What stands after the last whole commit, if anything does.
  private(set) var tornTail: Finding? = nil

  /// Bytes of content, decompressed, that were read so far.
  public var plainBytes: UInt64 { commits.plainBytes }

  /// Where the next commit begins in the present segment.
  public var offset: Int64 { frames?.offset ?? 0 }
  /// The file that the last commit stood in; empty before the first.
  public var segmentName: String { segment }

  /// Opens a segment at its first commit.
  private func enter(_ first: Sequence, expecting: Cursor?) throws(JournalError) {
    let name = JournalDirectory.name(first, ending: JournalDirectory.segmentEnding)
    let opened: OpenedFile
    do throws(JournalError) {
      opened = try Self.openFile(directory, first, JournalDirectory.segmentEnding)
    } catch .io(.noSuchFileOrDirectory, _, _) {
      throw try missing(Finding(file: name, offset: 0, sequence: first, what: "it is not there any more"))
    }
    let header = opened.header
    func wrong(_ what: String) -> JournalError {
      .damaged(Finding(file: name, offset: 0, sequence: first, what: what))
    }
    guard header.journal == id else { throw wrong("it belongs to another journal") }
    guard header.sequence == first else {
      throw wrong("it begins with commit \(header.sequence.rawValue), not with what its name says")
    }
    if let expecting, expecting.chain != header.chain {
      throw wrong("it does not follow the segment before it")
    }
    frames = FrameReader(
      opened.file.raw, offset: Int64(opened.headerBytes), decompressor: decompressor)
    file = opened
    segment = name
    position = Cursor(
      journal: id, sequence: Sequence(first.rawValue - 1), chain: header.chain)
  }

  // MARK: Checkpoints

  /// The newest checkpoint, or the newest that is not after a commit.
  public func checkpoint(
    atOrBefore limit: Sequence? = nil
  ) throws(JournalError) -> CheckpointReader? {
    let all = try directory.numbers(ending: JournalDirectory.checkpointEnding)
    guard let number = all.last(where: { limit == nil || $0 <= limit! }) else { return nil }
    return try CheckpointReader(directory, number, journal: id)
  }
}
