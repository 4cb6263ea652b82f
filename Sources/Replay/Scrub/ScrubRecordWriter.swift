import LinuxSystem
import SystemPackage

/// Writes what a scrub finds into a file beside that of the last one, and puts it in its place at the end.
///
/// A scrub that was interrupted is gone on with: what was written of it counts up to the first block that is
/// not whole.
struct ScrubRecordWriter: ~Copyable {
  static let name = "read"
  private static let newName = "reading"
  /// One that was interrupted longer ago is begun anew.
  private static let resumedSecondsMax: Int64 = 14 * 86_400

  private let file: Descriptor
  private let directory: Int32
  private var header: ScrubRecordFile.Header
  private var blockCount = 0
  private var waiting: [ScrubRecord] = []
  /// The last inode that an interrupted scrub had got to; nil when this one is new.
  let resumedAfter: UInt64?

  /// Goes on with what was interrupted, or begins.
  ///
  /// - Parameter directory: it is open as long as this lives.
  init(in directory: Int32, destination: [UInt8], now: Timestamp) throws(Errno) {
    let done = Self.interrupted(in: directory, destination: destination, now: now)
    let header = done?.header ?? ScrubRecordFile.Header(destination: destination, beganSeconds: now.seconds)
    let blockCount = done?.blockCount ?? 0
    if done == nil { try? Names.removeFile(Self.newName, in: directory) }
    let file = try Descriptor.open(Self.newName, in: directory, done == nil ? .make : .update, mode: 0o600)
    try FileBytes.setSize(
      file.raw,
      bytes: Int64(ScrubRecordFile.headerBytes + blockCount * ScrubRecordFile.blockBytes))
    try write(file.raw, header.encoded)
    self.directory = directory
    self.header = header
    self.blockCount = blockCount
    resumedAfter = done?.lastInode
    self.file = file
  }

  /// How far an interrupted scrub had got; nil where there was none, or too long ago.
  private static func interrupted(
    in directory: Int32, destination: [UInt8], now: Timestamp
  ) -> (header: ScrubRecordFile.Header, blockCount: Int, lastInode: UInt64)? {
    guard var reader = ScrubRecordReader(newName, in: directory, destination: destination),
      reader.header.endedSeconds == 0,
      (0...resumedSecondsMax).contains(now.seconds - reader.header.beganSeconds)
    else { return nil }
    reader.skipToEnd()
    guard let last = reader.last else { return nil }
    return (reader.header, reader.blockCount, last.inode)
  }

  /// - Precondition: inode numbers rise.
  mutating func add(_ record: ScrubRecord) throws(Errno) {
    waiting.append(record)
    if waiting.count >= ScrubRecordFile.recordsMax { try flush() }
  }

  /// Writes what is waiting, so that an interruption costs nothing.
  mutating func flush() throws(Errno) {
    guard !waiting.isEmpty else { return }
    let offset = Int64(ScrubRecordFile.headerBytes + blockCount * ScrubRecordFile.blockBytes)
    try FileBytes.write(file.raw, at: offset, ScrubRecordFile.encode(waiting[...], block: blockCount))
    blockCount += 1
    waiting.removeAll(keepingCapacity: true)
  }

  /// Puts the file in the place of the last scrub's, whole or not at all.
  mutating func finish(now: Timestamp) throws(Errno) {
    try flush()
    header.endedSeconds = max(now.seconds, 1)
    try write(file.raw, header.encoded)
    try FileBytes.sync(file.raw)
    try Names.rename(Self.newName, in: directory, to: Self.name, in: directory, replacing: true)
    try FileBytes.sync(directory)
  }
}
