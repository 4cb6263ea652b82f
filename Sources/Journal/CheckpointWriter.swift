import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Writes a checkpoint beside the journal: it gets its name when it is whole and durable.
public final class CheckpointWriter {
  private let directory: JournalDirectory
  private let cursor: Cursor
  private let retention: Retention
  private let file: Descriptor
  private var bytes: Int64
  private var chain: ChainValue
  private var part: UInt64 = 0
  private var objects: UInt64 = 0
  private var encoder = FrameEncoder()

  private static let temporaryName = "checkpoint.new"
  init(
    _ directory: JournalDirectory, source: SourceIdentity, cursor: Cursor, nextObjectID: ObjectID,
    retention: Retention
  ) throws(JournalError) {
    self.directory = directory
    self.cursor = cursor
    self.retention = retention
    chain = cursor.chain
    try? Names.removeFile(Self.temporaryName, in: directory.descriptor.raw)
    let opened = try directory.open(Self.temporaryName, O_RDWR | O_CREAT | O_EXCL)
    let header = FileHeader(
      kind: .checkpoint, journal: cursor.journal, source: source, sequence: cursor.sequence,
      chain: cursor.chain, nextObjectID: nextObjectID.rawValue
    ).encoded()
    do throws(Errno) {
      try FileBytes.write(opened.raw, at: 0, header)
    } catch {
      throw .io(error, doing: "write", file: Self.temporaryName)
    }
    bytes = Int64(header.count)
    file = opened
  }

  /// Adds some objects of the tree, as changes from the empty tree.
  public func add(_ changes: ChangeSet) throws(JournalError) {
    try write(changes, for: .checkpointPart)
  }

  /// Ends the checkpoint, makes it durable and gives it its name; older ones that serve nothing go.
  public func commit() throws(JournalError) {
    try write(ChangeSet(), for: .checkpointEnd(objects))
    let name = JournalDirectory.name(cursor.sequence, ending: JournalDirectory.checkpointEnding)
    do throws(Errno) {
      try FileBytes.sync(file.raw)
      try Names.rename(
        Self.temporaryName, in: directory.descriptor.raw, to: name, in: directory.descriptor.raw,
        replacing: true)
    } catch {
      throw .io(error, doing: "finish", file: name)
    }
    try directory.sync()
    try directory.thinCheckpoints(retention)
  }

  private func write(_ changes: ChangeSet, for purpose: FrameEncoder.Purpose) throws(JournalError) {
    part += 1
    let header = FrameHeader(
      commitFlags: [], hasMore: false, sequence: Sequence(part), chain: chain, incarnation: 0,
      time: .zero, rawTime: .zero, drainedSeconds: 0)
    encoder.removeAll()
    let written = try encoder.encode(header, for: purpose, marks: [], changes)
    chain = written.chain
    objects += written.entries
    var failure: Errno? = nil
    encoder.withFile { content in
      do throws(Errno) { try FileBytes.write(file.raw, at: bytes, content) } catch { failure = error }
    }
    if let failure { throw .io(failure, doing: "write", file: Self.temporaryName) }
    bytes += Int64(encoder.file.count)
  }
}
