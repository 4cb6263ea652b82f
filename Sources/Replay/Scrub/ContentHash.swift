import Glibc
import Journal

/// The hash of a content, taken piece by piece from its start on.
///
/// The content is taken in chunks of 64 KiB. Each that is not all zeros is hashed with XXH64, seeded with the
/// value before it and with its place; chunks of zeros are skipped, be they holes or written. So the value does
/// not depend on where a filesystem keeps holes, and a tebibyte of them costs nothing.
struct ContentHash {
  static let chunkBytes = 64 << 10

  private(set) var value: UInt64 = 0

  /// - Precondition: `offset` is a multiple of a chunk's size, and above that of all pieces before.
  mutating func take(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
    var done = 0
    while done < bytes.count {
      let end = min(done + Self.chunkBytes, bytes.count)
      let chunk = UnsafeRawBufferPointer(rebasing: bytes[done..<end])
      if !Self.isZero(chunk) {
        let place = UInt64(offset + Int64(done)) / UInt64(Self.chunkBytes)
        value = XXH64.hash(chunk, seed: value &+ place &* 0x9E37_79B9_7F4A_7C15 &+ 1)
      }
      done = end
    }
  }

  private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes[0] == 0 && memcmp(bytes.baseAddress!, bytes.baseAddress! + 1, bytes.count - 1) == 0
  }
}
