import Glibc
import Journal

/// The hash of a content, taken piece by piece from its start on, however the pieces were cut.
///
/// The content is taken in chunks of 64 KiB. Each that is not all zeros is hashed with XXH64, seeded with the
/// value before it and with its place; chunks of zeros are skipped, be they holes or written. So the value does
/// not depend on where a filesystem keeps holes, and a tebibyte of them costs nothing.
struct ContentHash: ~Copyable {
  static let chunkBytes = 64 << 10

  private var value: UInt64 = 0
  /// The chunk of which only a part has come.
  private let part: UnsafeMutableRawBufferPointer
  private var partPlace: Int64 = 0
  /// Up to where that has come; 0 where there is none.
  private var partBytes = 0

  init() { part = .allocate(byteCount: Self.chunkBytes, alignment: 64) }

  deinit { part.deallocate() }

  /// Begins with another content.
  mutating func begin() {
    value = 0
    partBytes = 0
  }

  /// Takes a piece; what was left out before it are zeros.
  ///
  /// - Precondition: `offset` is not below the end of the piece before.
  mutating func take(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
    var done = 0
    while done < bytes.count {
      let at = offset + Int64(done)
      let place = at / Int64(Self.chunkBytes)
      let start = Int(at % Int64(Self.chunkBytes))
      let end = min(start + bytes.count - done, Self.chunkBytes)
      if partBytes > 0, partPlace != place { takePart(Self.chunkBytes) }
      let piece = UnsafeRawBufferPointer(rebasing: bytes[done..<done + end - start])
      done += end - start
      if piece.count == Self.chunkBytes {
        take(chunk: piece, place)
        continue
      }
      fillPart(to: start)
      part.baseAddress!.advanced(by: start).copyMemory(from: piece.baseAddress!, byteCount: piece.count)
      partBytes = end
      partPlace = place
      if end == Self.chunkBytes { takePart(end) }
    }
  }

  /// The hash, where the content ends here.
  ///
  /// - Precondition: `size` is not below the end of the last piece.
  mutating func end(at size: Int64) -> UInt64 {
    if partBytes > 0 { takePart(Int(min(size - partPlace * Int64(Self.chunkBytes), Int64(Self.chunkBytes)))) }
    return value
  }

  private mutating func takePart(_ count: Int) {
    fillPart(to: count)
    take(chunk: UnsafeRawBufferPointer(rebasing: part[..<count]), partPlace)
    partBytes = 0
  }

  private func fillPart(to end: Int) { memset(part.baseAddress! + partBytes, 0, end - partBytes) }

  private mutating func take(chunk: UnsafeRawBufferPointer, _ place: Int64) {
    if Self.isZero(chunk) { return }
    value = XXH64.hash(chunk, seed: value &+ UInt64(place) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
  }

  private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes[0] == 0 && memcmp(bytes.baseAddress!, bytes.baseAddress! + 1, bytes.count - 1) == 0
  }
}
