import LinuxSystem
import SystemPackage

/// Reads the records of a scrub from one inode number on to the next higher, one block in memory.
struct ScrubRecordReader: ~Copyable {
  let header: ScrubRecordFile.Header
  private let file: Descriptor
  private var block: [ScrubRecord] = []
  private var at = 0
  /// How many blocks were read and are sound.
  private(set) var blockCount = 0
  private var isAtEnd = false
  private(set) var last: ScrubRecord?

  /// Opens a file in the scrub's directory; nil where there is none, or it is none of this destination.
  init?(_ name: UnsafePointer<CChar>, in directory: Int32, destination: [UInt8]) {
    guard let file = try? Descriptor.open(name, in: directory, .content),
      (try? FileStatus.of(file.raw).kind) == .regular,
      let bytes = try? readExactly(file.raw, at: 0, count: ScrubRecordFile.headerBytes),
      let header = ScrubRecordFile.Header(bytes), header.destination == destination
    else { return nil }
    self.file = file
    self.header = header
  }

  /// The next record; nil at the end, or where the file cannot be believed any more.
  mutating func next() -> ScrubRecord? {
    if at == block.count, !readBlock() { return nil }
    at += 1
    return block[at - 1]
  }

  private mutating func readBlock() -> Bool {
    guard !isAtEnd else { return false }
    let offset = Int64(ScrubRecordFile.headerBytes + blockCount * ScrubRecordFile.blockBytes)
    guard let bytes = try? readExactly(file.raw, at: offset, count: ScrubRecordFile.blockBytes),
      let records = ScrubRecordFile.decode(bytes, block: blockCount), isInOrder(records)
    else {
      isAtEnd = true
      return false
    }
    blockCount += 1
    block = records
    at = 0
    last = records.last
    return true
  }

  private func isInOrder(_ records: [ScrubRecord]) -> Bool {
    var before = last?.inode ?? 0
    for record in records {
      if record.inode < before { return false }
      before = record.inode
    }
    return true
  }

  /// Reads on to the end, for the last record.
  mutating func skipToEnd() { while readBlock() {} }
}

/// Reads so many bytes; nil where the file ends before.
private func readExactly(_ file: Int32, at offset: Int64, count: Int) throws(Errno) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  var done = 0
  while done < count {
    var outcome: Result<Int, Errno> = .success(0)
    bytes.withUnsafeMutableBytes { buffer in
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      do throws(Errno) {
        outcome = .success(try FileBytes.read(file, at: offset + Int64(done), into: rest))
      } catch {
        outcome = .failure(error)
      }
    }
    let more = try outcome.get()
    if more == 0 { return nil }
    done += more
  }
  return bytes
}
