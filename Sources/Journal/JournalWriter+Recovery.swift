import Glibc
import LinuxSystem
import SystemPackage
import Tree

extension JournalWriter {
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

  /// Opens a journal for writing, and drops what a crash left half written.
  ///
  /// - Throws: `locked`; `damaged` when what was durable is not there.
  public static func open(at path: [UInt8]) throws(JournalError) -> JournalWriter {
    try open(in: JournalDirectory(path: path))
  }

  private static func open(in directory: JournalDirectory) throws(JournalError) -> JournalWriter {
    guard try directory.read(Head.fileName, limit: 4_096) != nil else {
      throw .notAJournal(directory.path)
    }
    // Only now is nobody else adding segments.
    let lock = try takeLock(directory)
    let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
    guard let newest = segments.last else {
      throw .damaged(
        Finding(file: directory.path, offset: 0, sequence: nil, what: "its segments are missing"))
    }
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
    var segmentTime: Timestamp? = nil
    var atHead: ChainValue? = reader.position.sequence == durable.sequence ? reader.position.chain : nil
    while try reader.next(&commit) {
      lastTime = commit.header.time
      if segmentTime == nil { segmentTime = lastTime }
      if commit.cursor.sequence == durable.sequence { atHead = commit.cursor.chain }
    }
    guard reader.position.sequence >= durable.sequence, atHead == nil || atHead == durable.chain else {
      throw .damaged(
        Finding(
          file: reader.segmentName, offset: reader.offset, sequence: durable.sequence,
          what: "commit \(durable.sequence.rawValue) was durable and is not as it was"))
    }
    if lastTime == .zero, newest.rawValue > 1 {
      // Nothing is in the newest segment yet: the last commit's time stands in the one before.
      if try reader.seek(after: Sequence(newest.rawValue - 2)), try reader.next(&commit) {
        lastTime = commit.header.time
      }
      try reader.seek(after: Sequence(newest.rawValue - 1))
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
      Segment(file: segment, name: name, first: newest, bytes: reader.offset), reader.source,
      last: reader.position, lastTime: lastTime,
      incarnation: UInt64.random(in: 1...UInt64.max))
    writer.recovery = recovery
    writer.segmentTime = segmentTime
    // What was written and not yet durable counts from now on, also in a journal that was just copied here.
    try writer.syncSegment()
    writer.isUnsynced = found.cursor != reader.position
    _ = try writer.sync()
    try writer.syncHead()
    return writer
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
}
