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
  public private(set) var recovery = Recovery()
  /// Random for this opening.
  public let incarnation: UInt64
  /// A segment that has reached this size is followed by another.
  public var segmentBytesMax: Int64 = 64 << 20

  /// What opening an existing journal found.
  public struct Recovery: Sendable {
    /// Bytes after the last whole commit, of a write that a crash cut short.
    public var droppedBytes: Int64 = 0
    /// The file that they were kept in.
    public var keptAs: String? = nil
    public var lastSequence = Sequence.zero

    /// One line for a person; nil when nothing was found.
    public var message: String? {
      guard droppedBytes > 0 else { return nil }
      return "the journal ended within a commit that was never durable; its \(droppedBytes) bytes "
        + "were dropped and kept aside as \(keptAs ?? "nothing")"
    }
  }

  let directory: JournalDirectory
  private let lock: Descriptor
  private let head: Descriptor
  private var headGeneration: UInt64
  private var segment: NewSegment
  private var encoder = FrameEncoder()
  private var lastTime: Timestamp
  private var isFirstCommit = true
  private var hasFailed = false
  private var isUnsynced = false

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
    do throws(Errno) {
      try withCString(path) { name throws(Errno) in
        try Names.makeDirectory(name, in: AT_FDCWD, mode: 0o700)
      }
    } catch .fileExists {
    } catch {
      throw .io(error, doing: "make", file: String(decoding: path, as: UTF8.self))
    }
    return try create(
      in: JournalDirectory(path: path), source: source, id: id, incarnation: incarnation)
  }

  private static func create(
    in directory: JournalDirectory, source: SourceIdentity, id: JournalID, incarnation: UInt64
  ) throws(JournalError) -> JournalWriter {
    let lock = try takeLock(directory)
    let start = Cursor(journal: id, sequence: .zero, chain: .start)
    let segment = try makeSegment(directory, source, after: start)
    let head = try directory.open(Head.fileName, O_RDWR | O_CREAT)
    let writer = JournalWriter(
      directory, lock, head, generation: 0, segment, source, last: start,
      lastTime: .zero, incarnation: incarnation)
    try writer.writeHead()
    try writer.syncHead()
    try directory.sync()
    return writer
  }

  /// Opens a journal for writing, and drops what a crash left half written.
  ///
  /// - Throws: `locked`; `damaged` when what was durable is not there.
  public static func open(at path: [UInt8]) throws(JournalError) -> JournalWriter {
    try open(in: JournalDirectory(path: path))
  }

  private static func open(in directory: JournalDirectory) throws(JournalError) -> JournalWriter {
    let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
    guard let newest = segments.last else { throw .notAJournal(directory.path) }
    let lock = try takeLock(directory)
    let reader = try JournalReader(directory)
    let durable = try reader.durable()
    guard try reader.seek(after: Sequence(newest.rawValue - 1)) else {
      throw .damaged(
        Finding(
          file: JournalDirectory.name(newest, ending: JournalDirectory.segmentEnding), offset: 0,
          sequence: newest, what: "it does not follow the segment before it"))
    }
    var commit = Commit()
    var lastTime = Timestamp.zero
    var atHead: ChainValue? = reader.position.sequence == durable.sequence ? reader.position.chain : nil
    while try reader.next(&commit) {
      lastTime = commit.header.time
      if commit.cursor.sequence == durable.sequence { atHead = commit.cursor.chain }
    }
    guard reader.position.sequence >= durable.sequence, atHead == nil || atHead == durable.chain else {
      throw .damaged(
        Finding(
          file: reader.segmentName, offset: reader.offset, sequence: durable.sequence,
          what: "commit \(durable.sequence.rawValue) was durable and is not as it was"))
    }
    let name = JournalDirectory.name(newest, ending: JournalDirectory.segmentEnding)
    let segment = try directory.open(name, O_RDWR)
    let recovery = try dropTail(directory, segment.raw, name, from: reader.offset, reader.position)
    guard let bytes = try directory.read(Head.fileName, limit: 4_096),
      let found = Head.decode(bytes)
    else { throw .notAJournal(directory.path) }
    let head = try directory.open(Head.fileName, O_RDWR)
    let writer = JournalWriter(
      directory, lock, head, generation: found.generation,
      NewSegment(file: segment, name: name, bytes: reader.offset), reader.source,
      last: reader.position, lastTime: lastTime,
      incarnation: UInt64.random(in: 1...UInt64.max))
    writer.recovery = recovery
    // What was written and not yet durable counts from now on.
    writer.isUnsynced = true
    _ = try writer.sync()
    try writer.syncHead()
    return writer
  }

  private init(
    _ directory: JournalDirectory, _ lock: consuming Descriptor, _ head: consuming Descriptor,
    generation: UInt64, _ segment: consuming NewSegment, _ source: SourceIdentity, last: Cursor, lastTime: Timestamp,
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

  private static func takeLock(_ directory: JournalDirectory) throws(JournalError) -> Descriptor {
    let file = try directory.open("lock", O_RDWR | O_CREAT)
    do throws(Errno) {
      if try FileBytes.lock(file.raw) {
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
  ) throws(JournalError) -> NewSegment {
    let header = FileHeader(
      kind: .segment, journal: last.journal, source: source, sequence: last.sequence.next,
      chain: last.chain, nextObjectID: 0)
    let name = JournalDirectory.name(last.sequence.next, ending: JournalDirectory.segmentEnding)
    let file = try directory.open(name, O_RDWR | O_CREAT | O_EXCL)
    let bytes = header.encoded()
    do throws(Errno) {
      try FileBytes.write(file.raw, at: 0, bytes)
      try FileBytes.sync(file.raw)
    } catch {
      throw .io(error, doing: "write", file: name)
    }
    try directory.sync()
    return NewSegment(file: file, name: name, bytes: Int64(bytes.count))
  }

  private struct NewSegment: ~Copyable {
    let file: Descriptor
    let name: String
    var bytes: Int64
  }

  /// Keeps what stands after the last whole commit in a file of its own, and cuts it off.
  private static func dropTail(
    _ directory: JournalDirectory, _ segment: Int32, _ name: String, from offset: Int64,
    _ last: Cursor
  ) throws(JournalError) -> Recovery {
    var recovery = Recovery()
    recovery.lastSequence = last.sequence
    do throws(Errno) {
      let size = Int64(try FileStatus.of(segment).sizeBytes)
      guard size > offset else { return recovery }
      let aside = "torn-\(last.sequence.next.rawValue)-\(UInt32.random(in: 0...UInt32.max))"
      let copy = try Descriptor.open(aside, in: directory.descriptor.raw, .make, mode: 0o600)
      var done: Int64 = 0
      while done < size - offset {
        let count = try FileBytes.copyRange(
          from: segment, at: offset + done, to: copy.raw, at: done, bytes: Int(size - offset - done))
        if count == 0 { break }
        done += Int64(count)
      }
      try FileBytes.sync(copy.raw)
      try FileBytes.setSize(segment, bytes: offset)
      try FileBytes.sync(segment)
      recovery.droppedBytes = size - offset
      recovery.keptAs = aside
    } catch {
      throw .io(error, doing: "cut the torn end of", file: name)
    }
    try directory.sync()
    return recovery
  }

  // MARK: Writing

  /// Appends a commit; it is not durable yet.
  ///
  /// - Parameter rawTime: what the clock says; the commit's own time never goes back.
  /// - Returns: the cursor of the commit.
  /// - Throws: `io`; then the half-written commit was cut off.
  @discardableResult
  public func append(
    _ changes: ChangeSet, marks: [Mark] = [], flags: CommitFlags = [], rawTime: Timestamp,
    drainedSeconds: Int64
  ) throws(JournalError) -> Cursor {
    guard !hasFailed else { throw .failedBefore }
    if segment.bytes >= segmentBytesMax { try rotate() }
    lastTime = max(lastTime, rawTime)
    let header = FrameHeader(
      commitFlags: isFirstCommit ? flags.union(.incarnation) : flags, hasMore: false,
      sequence: last.sequence.next, chain: last.chain, incarnation: incarnation, time: lastTime,
      rawTime: rawTime, drainedSeconds: drainedSeconds)
    encoder.removeAll()
    let chain = try encoder.encode(header, marks: marks, changes)
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
    last = Cursor(journal: id, sequence: header.sequence, chain: chain)
    isFirstCommit = false
    isUnsynced = true
    return last
  }

  /// Makes all commits durable, and says so in `HEAD`.
  ///
  /// - Throws: `io`: what reached the disk is not known, and nothing more is written.
  @discardableResult
  public func sync() throws(JournalError) -> Cursor {
    guard !hasFailed else { throw .failedBefore }
    guard isUnsynced else { return last }
    do throws(Errno) { try FileBytes.syncContent(segment.file.raw) } catch {
      hasFailed = true
      throw .io(error, doing: "sync", file: segment.name)
    }
    isUnsynced = false
    try writeHead()
    return last
  }

  private func rotate() throws(JournalError) {
    try sync()
    try syncHead()
    segment = try Self.makeSegment(directory, source, after: last)
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

  private func syncHead() throws(JournalError) {
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
      directory, source: source, cursor: cursor, nextObjectID: nextObjectID)
  }
}
