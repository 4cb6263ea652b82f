import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The compacted form of a segment, until it takes the segment's name.
final class CompactedSegment {
  private let directory: JournalDirectory
  private let header: FileHeader
  private let name: String
  private let file: Descriptor
  private var bytes: Int64
  private var encoder = FrameEncoder(plainBytesMax: FrameLayout.compactedBytesMax, level: compressionLevel)
  private(set) var commitCount: UInt64 = 0

  /// Of LZ4's 12: what lies above takes several times as long for a percent.
  private static let compressionLevel: Int32 = 9

  init(_ directory: JournalDirectory, _ header: FileHeader, name: String) throws(JournalError) {
    self.directory = directory
    self.header = header
    self.name = name
    try? Names.removeFile(JournalCompaction.temporaryName, in: directory.descriptor.raw)
    file = try directory.open(JournalCompaction.temporaryName, O_RDWR | O_CREAT | O_EXCL)
    let start = header.encoded()
    do throws(Errno) { try FileBytes.write(file.raw, at: 0, start) } catch {
      throw .io(error, doing: "write", file: JournalCompaction.temporaryName)
    }
    bytes = Int64(start.count)
  }

  /// Writes a group as one commit.
  func append(_ group: consuming CommitGroup) throws(JournalError) {
    if group.isEmpty { return }
    let net = group.finish()
    encoder.removeAll()
    _ = try encoder.encode(net.header, marks: net.marks, net.changes, by: net.by)
    var failure: Errno? = nil
    encoder.withFile { content in
      do throws(Errno) { try FileBytes.write(file.raw, at: bytes, content) } catch { failure = error }
    }
    if let failure { throw .io(failure, doing: "write", file: JournalCompaction.temporaryName) }
    bytes += Int64(encoder.file.count)
    commitCount += 1
  }

  /// Takes the segment's place, if that gains anything.
  ///
  /// - Parameter end: the last commit that was written.
  /// - Returns: the sizes before and after; nil when the segment stays as it is.
  /// - Throws: `damaged` when what was written does not read as it should: the segment stays as it is.
  func finish(_ end: Cursor) throws(JournalError) -> (before: UInt64, after: UInt64)? {
    let before: UInt64
    do throws(Errno) { before = try FileStatus.of(name, in: directory.descriptor.raw).sizeBytes } catch {
      // Retention has dropped it meanwhile.
      if error == .noSuchFileOrDirectory { return abandon() }
      throw .io(error, doing: "look at", file: name)
    }
    guard UInt64(bytes) < before else { return abandon() }
    try check(end)
    do throws(Errno) { try FileBytes.sync(file.raw) } catch {
      throw .io(error, doing: "sync", file: JournalCompaction.temporaryName)
    }
    try directory.rename(JournalCompaction.temporaryName, to: name)
    return (before, UInt64(bytes))
  }

  private func abandon() -> (before: UInt64, after: UInt64)? {
    try? Names.removeFile(JournalCompaction.temporaryName, in: directory.descriptor.raw)
    return nil
  }

  /// Reads what was written: what it replaces cannot be had again.
  private func check(_ end: Cursor) throws(JournalError) {
    let frames = FrameReader(
      file.raw, offset: Int64(header.encoded().count), decompressor: Decompressor())
    var cursor = Cursor(journal: end.journal, sequence: Sequence(header.sequence.rawValue - 1), chain: header.chain)
    var commit = Commit()
    func wrong(_ what: String) -> JournalError {
      .damaged(
        Finding(
          file: JournalCompaction.temporaryName, offset: frames.offset, sequence: cursor.sequence.next,
          what: what))
    }
    var commits = CommitReader()
    while cursor.sequence < end.sequence {
      if let stop = try commits.read(frames, after: cursor, &commit, file: JournalCompaction.temporaryName) {
        throw wrong(stop.what)
      }
      cursor = commit.cursor
    }
    guard cursor == end else { throw wrong("it ends elsewhere than what it was made of") }
  }
}
