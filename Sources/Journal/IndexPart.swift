import LinuxSystem
import Tree

/// Tells which of some commits that follow each other in a segment say something of an object or a name.
///
/// An index is a row of parts. Each is checked piece by piece as it is read, so that finding one object
/// reads a few KiB of each.
///
///      0  magic "TLJINDX3"          8
///      8  flags to be understood    4
///     12  bytes of the part         4
///     16  journal                  16
///     32  the segment's first       8
///     40  first commit              8
///     48  last commit               8
///     56  chain before the first    8
///     64  chain after the last      8
///     72  where the first begins    8   in the segment's file
///     80  where the last ends       8
///     88  first time: seconds 8, nanoseconds 4
///    100  last time: seconds 8, nanoseconds 4
///    112  commits                   4
///    116  blocks of objects         4
///    120  blocks of names           4
///    124  zero                      4
///    128  checksum of the places     8
///    136  for each block:          24   first key 8, where it stands in the part 4, bytes 4, checksum 8
///      …  checksum                  8   XXH64 of all before it
///      …  places: for each commit    8   where it begins, from that of the first 4; its number likewise 4
///      …  the blocks
///
/// A block has its keys ascending: varint: difference to the key before, the first to the one that its
/// place in the list says; varint: commits; and for each varint: (difference to the one before) << 1, or 1
/// where it changes the object's names.
struct IndexPart {
  /// "TLJINDX3".
  static let magic: UInt64 = 0x3358_444E_494A_4C54
  static let fixedBytes = 136
  static let blockEntryBytes = 24
  static let placeBytes = 8
  /// The head of a part of usual size, so that one call reads it.
  static let headBytesUsual = 8_192
  private static let blockCountMax = 1 << 20
  private static let blockBytesMax = 1 << 28

  let bytes: Int
  let segment: Sequence
  let first: Sequence
  let before: Cursor
  let last: Cursor
  let begins: Int64
  let ends: Int64
  let firstTime: Timestamp
  let lastTime: Timestamp
  let commitCount: Int
  let objectBlockCount: Int
  let nameBlockCount: Int
  private let placesChecksum: UInt64

  var headBytes: Int {
    Self.fixedBytes + (objectBlockCount + nameBlockCount) * Self.blockEntryBytes + 8
  }

  /// Reads the fixed part; the checksum is checked by `Head`.
  init(_ bytes: UnsafeRawBufferPointer) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    guard try reader.integer(UInt64.self) == Self.magic, try reader.integer(UInt32.self) == 0 else {
      throw ByteReader.Malformed("it is no part of an index")
    }
    self.bytes = Int(try reader.integer(UInt32.self))
    let journal = JournalID(Array(try reader.take(16)))
    segment = Sequence(try reader.integer())
    first = Sequence(try reader.integer())
    let last = Sequence(try reader.integer())
    guard first.rawValue >= 1, segment <= first, first <= last, last.rawValue <= FrameLayout.sequenceMax
    else { throw ByteReader.Malformed("an impossible range of commits") }
    before = Cursor(
      journal: journal, sequence: Sequence(first.rawValue - 1), chain: ChainValue(try reader.integer()))
    self.last = Cursor(journal: journal, sequence: last, chain: ChainValue(try reader.integer()))
    begins = try reader.integer()
    ends = try reader.integer()
    firstTime = Timestamp(seconds: try reader.integer(), nanoseconds: try reader.integer())
    lastTime = Timestamp(seconds: try reader.integer(), nanoseconds: try reader.integer())
    commitCount = Int(try reader.integer(UInt32.self))
    objectBlockCount = Int(try reader.integer(UInt32.self))
    nameBlockCount = Int(try reader.integer(UInt32.self))
    let zero = try reader.integer(UInt32.self)
    placesChecksum = try reader.integer()
    guard zero == 0, begins >= 0, ends > begins, commitCount > 0,
      objectBlockCount + nameBlockCount <= Self.blockCountMax
    else { throw ByteReader.Malformed("an impossible part") }
    guard headBytes + commitCount * Self.placeBytes <= self.bytes else {
      throw ByteReader.Malformed("a part is too short for what it has")
    }
  }

  /// The fixed part and the list of blocks, checked.
  struct Head {
    let part: IndexPart
    private let bytes: [UInt8]

    /// - Returns: nil where the bytes are none, or are too few; then `wanted` says how many it takes.
    init?(_ bytes: [UInt8], wanted: inout Int) {
      wanted = 0
      let part = bytes.withUnsafeBytes { try? IndexPart($0) }
      guard let part else { return nil }
      let count = part.headBytes
      guard bytes.count >= count else {
        wanted = count
        return nil
      }
      let isWhole = bytes.withUnsafeBytes { bytes in
        bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self).littleEndian
          == XXH64.hash(UnsafeRawBufferPointer(rebasing: bytes.prefix(count - 8)))
      }
      guard isWhole else { return nil }
      self.part = part
      self.bytes = bytes
    }

    struct Block {
      var firstKey: UInt64
      var offset: Int
      var bytes: Int
      var checksum: UInt64
    }

    /// The block that has a key, if one does.
    func block(with key: UInt64, isName: Bool) -> Block? {
      var low = isName ? part.objectBlockCount : 0
      let start = low
      var high = isName ? part.objectBlockCount + part.nameBlockCount : part.objectBlockCount
      while low < high {
        let middle = (low + high) / 2
        if firstKey(middle) <= key { low = middle + 1 } else { high = middle }
      }
      return low == start ? nil : block(low - 1)
    }

    private func firstKey(_ index: Int) -> UInt64 {
      bytes.withUnsafeBytes {
        $0.loadUnaligned(
          fromByteOffset: IndexPart.fixedBytes + index * IndexPart.blockEntryBytes, as: UInt64.self
        ).littleEndian
      }
    }

    /// - Returns: nil where it would lie outside of the part.
    fileprivate func block(_ index: Int) -> Block? {
      let block = bytes.withUnsafeBytes { bytes in
        let at = IndexPart.fixedBytes + index * IndexPart.blockEntryBytes
        return Block(
          firstKey: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian,
          offset: Int(bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self).littleEndian),
          bytes: Int(bytes.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self).littleEndian),
          checksum: bytes.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self).littleEndian)
      }
      guard block.bytes <= IndexPart.blockBytesMax, block.offset + block.bytes <= part.bytes else {
        return nil
      }
      return block
    }
  }

  /// Whether all of a part is as it was written.
  static func isWhole(_ bytes: [UInt8]) -> Bool {
    var wanted = 0
    guard let head = Head(bytes, wanted: &wanted), head.part.bytes == bytes.count else { return false }
    return bytes.withUnsafeBytes { bytes in
      func sum(_ offset: Int, _ count: Int) -> UInt64 {
        XXH64.hash(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
      }
      guard sum(head.part.headBytes, head.part.commitCount * placeBytes) == head.part.placesChecksum else {
        return false
      }
      return (0..<head.part.objectBlockCount + head.part.nameBlockCount).allSatisfy { index in
        head.block(index).map { sum($0.offset, $0.bytes) == $0.checksum } ?? false
      }
    }
  }

  /// Gives the commits that a block has for a key, by their place in the part, ascending.
  ///
  /// - Throws: where the block is not as it was written.
  static func find(
    _ key: UInt64, in bytes: [UInt8], of block: Head.Block, commitCount: Int,
    _ body: (_ commit: Int, _ isOfNames: Bool) -> Void
  ) throws(ByteReader.Malformed) {
    var failure: ByteReader.Malformed? = nil
    bytes.withUnsafeBytes { bytes in
      do throws(ByteReader.Malformed) {
        guard bytes.count == block.bytes, XXH64.hash(bytes) == block.checksum else {
          throw ByteReader.Malformed("a block is damaged")
        }
        var reader = ByteReader(bytes)
        var present = block.firstKey
        while !reader.isAtEnd {
          present &+= try reader.varint()
          let count = try reader.varint()
          guard count <= UInt64(commitCount) else { throw ByteReader.Malformed("too many commits") }
          if present > key { return }
          if present < key {
            try reader.skipVarints(count)
            continue
          }
          var commit: UInt64 = 0
          for _ in 0..<count {
            let step = try reader.varint()
            commit &+= step >> 1
            guard commit < UInt64(commitCount) else { throw ByteReader.Malformed("an unknown commit") }
            body(Int(commit), step & 1 == 1)
          }
          return
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
