/// Looks through a compressed LZ4 block for what liblz4 lets pass: a match at distance 0, which copies whatever
/// the memory for the content held before. One frame would not read the same twice.
///
///     token           1   literals << 4, match length − 4; 15 goes on with bytes, until one is not 255
///     literals
///     distance        2   back from here; the last sequence ends before it
enum BlockMatches {
  /// Whether no match is at distance 0. Of a block that is malformed otherwise, liblz4 says so.
  static func areSound(in block: UnsafeRawBufferPointer) -> Bool {
    guard let bytes = block.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
    let end = block.count
    var at = 0
    while at < end {
      let token = bytes[at]
      at += 1
      var literals = Int(token >> 4)
      if literals == 15 {
        while at < end {
          literals += Int(bytes[at])
          at += 1
          if bytes[at - 1] != 255 { break }
        }
      }
      at += literals
      guard at + 2 <= end else { return true }
      if bytes[at] | bytes[at + 1] == 0 { return false }
      at += 2
      if token & 15 == 15 {
        while at < end, bytes[at] == 255 { at += 1 }
        at += 1
      }
    }
    return true
  }

  /// The same of all blocks of a frame, from behind its header on.
  ///
  /// Behind each stands its checksum of 4 bytes.
  static func areSound(inFrame bytes: UnsafeRawBufferPointer, from header: Int) -> Bool {
    var at = header
    while at + 4 <= bytes.count {
      let size = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
      let count = Int(size & 0x7fff_ffff)
      at += 4
      guard count > 0, at + count <= bytes.count else { return true }
      if size >> 31 == 0, !areSound(in: UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])) { return false }
      at += count + 4
    }
    return true
  }
}
