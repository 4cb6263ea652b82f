import Journal
import LinuxSystem
import Tree

/// The hash that was taken of a content when it was copied.
///
/// ```
/// inode     8
/// born      8   its birth time: seconds times 2^30 and nanoseconds
/// size      8   in bytes
/// modified  8   as the birth time
/// hash      8   see ContentHash
/// checksum  8   XXH64 of the bytes before it, seeded with the first 8 of the destination's own number
/// ```
/// Integers are little-endian.
struct CopiedContent: Hashable {
  static let encodedBytes = 48

  var inode: UInt64
  var born: UInt64
  var sizeBytes: UInt64
  var modified: UInt64
  var hash: UInt64

  /// - Parameters:
  ///   - place: what the content was copied into.
  ///   - attributes: what that has got.
  init(_ place: DestinationInode, _ attributes: Attributes, hash: UInt64) {
    inode = place.inode
    born = ScrubRecord.value(of: place.born)
    sizeBytes = attributes.sizeBytes
    modified = ScrubRecord.value(of: attributes.modified)
    self.hash = hash
  }

  /// Whether it is of this file, and nobody has written to it since or set its time.
  func isOf(_ status: FileStatus) -> Bool {
    inode == status.inode && born == ScrubRecord.value(of: status.born) && sizeBytes == status.sizeBytes
      && modified == ScrubRecord.value(of: status.modified)
  }

  // MARK: Bytes

  func encode(into writer: inout PayloadWriter, seed: UInt64) {
    let start = writer.bytes.count
    for word in [inode, born, sizeBytes, modified, hash] { writer.put(word) }
    writer.put(writer.bytes[start...].withUnsafeBytes { XXH64.hash($0, seed: seed) })
  }

  /// - Returns: nil when the bytes are none, or damaged.
  init?(_ bytes: UnsafeRawBufferPointer, seed: UInt64) {
    guard bytes.count == Self.encodedBytes else { return nil }
    func word(_ index: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }
    let covered = UnsafeRawBufferPointer(rebasing: bytes.dropLast(8))
    guard word(5) == XXH64.hash(covered, seed: seed) else { return nil }
    inode = word(0)
    born = word(1)
    sizeBytes = word(2)
    modified = word(3)
    hash = word(4)
  }
}
