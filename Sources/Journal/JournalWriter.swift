import CLinux
import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Appends commits to a journal. One thread at a time uses it, and one process has it.
///
/// Why what it acknowledges survives a crash: a commit is appended to its segment and synced before
/// `HEAD` names it; a segment's and a checkpoint's name is synced before anything refers to it; and
/// after an error of a sync nothing more is written, because the kernel may have dropped the data.
public final class JournalWriter {
  public let id: JournalID
  public let source: SourceIdentity
  /// The last commit, durable or not.
  public private(set) var last: Cursor
  /// What opening found.
  public internal(set) var recovery = Recovery()
  /// Random for this opening.
  public let incarnation: UInt64
  /// A segment that has reached this size is followed by another.
  public var segmentBytesMax: Int64 = 64 << 20
  /// How much is kept.
  public var retention = Retention() {
    didSet { segmentBytesMax = retention.segmentBytes }
  }

  let directory: JournalDirectory
  private let lock: Descriptor
  private let head: Descriptor
  private var headGeneration: UInt64
  private var segment: Segment
  private var encoder = FrameEncoder()
  /// The time of the last commit.
  private(set) var lastTime: Timestamp
  /// The time of the first commit of the present segment.
  var segmentTime: Timestamp?
  private var isFirstCommit = true
  private var hasFailed = false
  var isUnsynced = false

  // MARK: Making and opening

  /// Makes a journal in a directory that does not exist yet, or is empty.
  public static func create(
    at path: [UInt8], source: SourceIdentity
  ) throws(JournalError) -> JournalWriter {
    try create(
      at: path, source: source, id: .random(), incarnation: UInt64.random(in: 1...UInt64.max))
  }

  /// Makes a journal whose random parts are given, so that the same commits give the same bytes.
  package static func create(
    at path: [UInt8], source: SourceIdentity, id: JournalID, incarnation: UInt64
  ) throws(JournalError) -> JournalWriter {
    var isNew = true
    do throws(Errno) {
      try withCString(path) { name throws(Errno) in
        try Names.makeDirectory(name, in: AT_FDCWD, mode: 0o700)
      }
    } catch .fileExists {
      isNew = false
    } catch {
      throw .io(error, doing: "make", file: String(decoding: path, as: UTF8.self))
    }
    let directory = try JournalDirectory(path: path)
    if isNew { directory.syncParent() }
    return try create(in: directory, source: source, id: id, incarnation: incarnation)
  }

  /// `HEAD` comes last, in one step: without it there is no journal yet, and what a crash left of an
  /// earlier attempt is done again.
  private static func create(
    in directory: JournalDirectory, source: SourceIdentity, id: JournalID, incarnation: UInt64
  ) throws(JournalError) -> JournalWriter {
    let lock = try takeLock(directory)
    try checkNothingIsLost(directory)
    let start = Cursor(journal: id, sequence: .zero, chain: .start)
    let segment = try makeSegment(directory, source, after: start)
    try? Names.removeFile(Head.temporaryName, in: directory.descriptor.raw)
    let head = try directory.open(Head.temporaryName, O_RDWR | O_CREAT | O_EXCL)
    let writer = JournalWriter(
      directory, lock, head, generation: 0, segment, source, last: start,
      lastTime: .zero, incarnation: incarnation)
    try writer.writeHead()
    try writer.syncHead()
    try directory.rename(Head.temporaryName, to: Head.fileName)
    return writer
  }

  /// A directory that has no `HEAD` may hold the segment of an attempt to make it a journal; one with
  /// commits in it was a journal, and is not written over.
  private static func checkNothingIsLost(_ directory: JournalDirectory) throws(JournalError) {
    guard try directory.read(Head.fileName, limit: 4_096) == nil else {
      throw .io(.fileExists, doing: "make", file: Head.fileName)
    }
    for number in try directory.numbers(ending: JournalDirectory.segmentEnding) {
      let opened = try JournalReader.openFile(directory, number, JournalDirectory.segmentEnding)
      let size: UInt64
      do throws(Errno) { size = try FileStatus.of(opened.file.raw).sizeBytes } catch {
        throw .io(error, doing: "look at", file: directory.path)
      }
      guard number == Sequence.zero.next, size == UInt64(opened.headerBytes) else {
        throw .damaged(
          Finding(file: Head.fileName, offset: 0, sequence: nil, what: "it is missing"))
      }
    }
  }

  init(
    _ directory: JournalDirectory, _ lock: consuming Descriptor, _ head: consuming Descriptor,
    generation: UInt64, _ segment: consuming Segment, _ source: SourceIdentity, last: Cursor, lastTime: Timestamp,
    incarnation: UInt64
  ) {
    self.directory = directory
    self.lock = lock
    self.head = head
    headGeneration = generation
    self.segment = segment
    self.source = source
    self.last = last
    self.lastTime = lastTime
    id = last.journal
    self.incarnation = incarnation
  }

  /// The directory in which all is written; it lasts as long as the writer.
  package var place: Int32 { directory.descriptor.raw }

  deinit { try? FileBytes.unlock(lock.raw) }

  static func takeLock(_ directory: JournalDirectory) throws(JournalError) -> Descriptor {
    let file = try directory.open("lock", O_RDWR | O_CREAT)
    do throws(Errno) {
      if try lockPatiently(file.raw) {
        try FileBytes.setSize(file.raw, bytes: 0)
        try FileBytes.write(file.raw, at: 0, Array(String(getpid()).utf8))
        return file
      }
    } catch {
      throw .io(error, doing: "lock", file: directory.path)
    }
    let text = (try? FileBytes.readAll(file.raw, limit: 64)) ?? []
    throw .locked(pid: Int32(String(decoding: text, as: UTF8.self)))
  }

  private static func makeSegment(
    _ directory: JournalDirectory, _ source: SourceIdentity, after last: Cursor
  ) throws(JournalError) -> Segment {
    let header = FileHeader(
      kind: .segment, journal: last.journal, source: source, sequence: last.sequence.next,
      chain: last.chain, nextObjectID: 0)
    let name = JournalDirectory.name(last.sequence.next, ending: JournalDirectory.segmentEnding)
    // It has its name only when it is whole: a kill leaves nothing that looks like damage.
    let temporary = "segment.new"
    try? Names.removeFile(temporary, in: directory.descriptor.raw)
    let file = try directory.open(temporary, O_RDWR | O_CREAT | O_EXCL)
    let bytes = header.encoded()
    do throws(Errno) {
      try FileBytes.write(file.raw, at: 0, bytes)
      try FileBytes.sync(file.raw)
    } catch {
      throw .io(error, doing: "write", file: name)
    }
    try directory.rename(temporary, to: name)
    return Segment(
      file: file, name: name, first: last.sequence.next, bytes: Int64(bytes.count))
  }

  /// The segment that is written to.
  struct Segment: ~Copyable {
    let file: Descriptor
    let name: String
    let first: Sequence
    var bytes: Int64
  }

  /// The first commit of the segment that is written.
  package var segmentBegins: Sequence { segment.first }

  // MARK: Writing

  /// Appends a commit; it is not durable yet.
  ///
  /// - Parameters:
  ///   - attribution: who made the changes, where that is known.
  ///   - rawTime: what the clock says; the commit's own time never goes back.
  /// - Returns: the cursor of the commit.
  /// - Throws: `io`; then the half-written commit was cut off.
  @discardableResult
  public func append(
    _ changes: ChangeSet, by attribution: Attribution = Attribution(), marks: [Mark] = [],
    flags: CommitFlags = [], rawTime: Timestamp, drainedSeconds: Int64
  ) throws(JournalError) -> Cursor {
    guard !hasFailed else { throw .failedBefore }
    if segment.bytes >= segmentBytesMax, segment.first <= last.sequence { try rotate() }
    lastTime = max(lastTime, rawTime)
    let header = FrameHeader(
      commitFlags: isFirstCommit ? flags.union(.incarnation) : flags, hasMore: false,
      sequence: last.sequence.next, chain: last.chain, incarnation: incarnation, time: lastTime,
      rawTime: rawTime, drainedSeconds: drainedSeconds)
    encoder.removeAll()
    let chain = try encoder.encode(header, marks: marks, changes, by: attribution).chain
    var failure: Errno? = nil
    encoder.withFile { bytes in
      do throws(Errno) { try FileBytes.write(segment.file.raw, at: segment.bytes, bytes) } catch {
        failure = error
      }
    }
    if let failure {
      hasFailed = true
      try? FileBytes.setSize(segment.file.raw, bytes: segment.bytes)
      throw .io(failure, doing: "write", file: segment.name)
    }
    segment.bytes += Int64(encoder.file.count)
    if segmentTime == nil { segmentTime = lastTime }
    last = Cursor(journal: id, sequence: header.sequence, chain: chain)
    isFirstCommit = false
    isUnsynced = true
    return last
  }

  /// Has the kernel start to write what `sync` will wait for.
  package func startWriting() {
    if isUnsynced { FileBytes.startWriting(segment.file.raw) }
  }

  /// Makes all commits durable, and says so in `HEAD`.
  ///
  /// - Throws: `io`: what reached the disk is not known, and nothing more is written.
  @discardableResult
  public func sync() throws(JournalError) -> Cursor {
    guard !hasFailed else { throw .failedBefore }
    guard isUnsynced else { return last }
    try syncSegment()
    isUnsynced = false
    try writeHead()
    return last
  }

  func syncSegment() throws(JournalError) {
    do throws(Errno) { try FileBytes.syncContent(segment.file.raw) } catch {
      hasFailed = true
      throw .io(error, doing: "sync", file: segment.name)
    }
  }

  /// Whether the present segment is as large or as old as one gets.
  ///
  /// - Parameter now: what the clock says.
  public func isSegmentFull(now: Timestamp) -> Bool {
    guard let segmentTime else { return false }
    if segment.bytes >= segmentBytesMax { return true }
    return retention.segmentSeconds.map { now.seconds - segmentTime.seconds >= $0 } ?? false
  }

  /// Ends the present segment, if anything is in it: the next commit is the first of another.
  public func seal() throws(JournalError) {
    if segment.first <= last.sequence { try rotate() }
  }

  private func rotate() throws(JournalError) {
    try sync()
    try syncHead()
    segment = try Self.makeSegment(directory, source, after: last)
    segmentTime = nil
  }

  private func writeHead() throws(JournalError) {
    headGeneration += 1
    let slot = Head(generation: headGeneration, cursor: last).encoded()
    do throws(Errno) {
      try FileBytes.write(head.raw, at: Int64(headGeneration % 2) * Int64(Head.slotBytes), slot)
    } catch {
      hasFailed = true
      throw .io(error, doing: "write", file: Head.fileName)
    }
  }

  func syncHead() throws(JournalError) {
    do throws(Errno) { try FileBytes.sync(head.raw) } catch {
      hasFailed = true
      throw .io(error, doing: "sync", file: Head.fileName)
    }
  }

  // MARK: Checkpoints

  /// Begins a checkpoint of the last commit.
  ///
  /// - Parameter nextObjectID: the number of the next new object.
  public func beginCheckpoint(
    at cursor: Cursor, nextObjectID: ObjectID
  ) throws(JournalError) -> CheckpointWriter {
    try sync()
    try syncHead()
    return try CheckpointWriter(
      directory, source: source, cursor: cursor, nextObjectID: nextObjectID, retention: retention)
  }
}
