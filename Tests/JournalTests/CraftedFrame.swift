/// An LZ4 frame made by hand, as lz4_Frame_format.md draws it, with any part of it wrong and all checksums right.
struct CraftedFrame {
  struct Block {
    var bytes: [UInt8]
    var isCompressed = false
    /// What stands where its size should.
    var size: UInt32?
  }

  /// Version 1, independent blocks, a checksum for each, the content's size and checksum.
  var flags: UInt8 = 0b0111_1100
  /// Blocks of 64 KiB.
  var blockDescriptor: UInt8 = 0x40
  var contentSize: UInt64
  var dictionary: UInt32?
  var blocks: [Block]
  var hasEndMark = true
  var contentChecksum: UInt32
  var trailing: [UInt8] = []

  /// A sound one of one block that is not compressed.
  init(_ content: [UInt8]) {
    contentSize = UInt64(content.count)
    blocks = [Block(bytes: content)]
    contentChecksum = Self.checksum(content)
  }

  func encoded() -> [UInt8] {
    var descriptor: [UInt8] = [flags, blockDescriptor]
    if flags & 0b1000 != 0 { descriptor += bytes(contentSize) }
    if let dictionary { descriptor += bytes(dictionary) }
    var frame = bytes(0x184D_2204 as UInt32) + descriptor
    frame.append(UInt8(truncatingIfNeeded: Self.checksum(descriptor) >> 8))
    for block in blocks {
      let size = UInt32(block.bytes.count) | (block.isCompressed ? 0 : 1 << 31)
      frame += bytes(block.size ?? size) + block.bytes
      if flags & 0b1_0000 != 0 { frame += bytes(Self.checksum(block.bytes)) }
    }
    if hasEndMark { frame += bytes(0 as UInt32) }
    if flags & 0b100 != 0 { frame += bytes(contentChecksum) }
    return frame + trailing
  }

  private func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// A compressed block: literals, then a match, then the rest as literals.
  static func block(_ content: [UInt8], literals: Int, offset: UInt16, matched: Int) -> Block {
    func sequence(_ literals: ArraySlice<UInt8>, matched: Int?) -> [UInt8] {
      func rest(_ count: Int) -> [UInt8] {
        count < 15 ? [] : [UInt8](repeating: 255, count: (count - 15) / 255) + [UInt8((count - 15) % 255)]
      }
      let match = matched.map { $0 - 4 } ?? 0
      return [UInt8(min(literals.count, 15) << 4 | min(match, 15))] + rest(literals.count) + literals
        + (matched == nil ? [] : [UInt8(offset & 255), UInt8(offset >> 8)] + rest(match))
    }
    return Block(
      bytes: sequence(content[..<literals], matched: matched)
        + sequence(content[(literals + matched)...], matched: nil),
      isCompressed: true)
  }

  /// XXH32 with the seed 0, as LZ4 frames have it.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let (p1, p2, p3): (UInt32, UInt32, UInt32) = (0x9E37_79B1, 0x85EB_CA77, 0xC2B2_AE3D)
    let (p4, p5): (UInt32, UInt32) = (0x27D4_EB2F, 0x1656_67B1)
    func turned(_ value: UInt32, _ by: UInt32) -> UInt32 { value << by | value >> (32 - by) }
    func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) } }
    var at = 0
    var hash = p5
    if bytes.count >= 16 {
      var lanes: [UInt32] = [p1 &+ p2, p2, 0, 0 &- p1]
      while at + 16 <= bytes.count {
        for lane in 0..<4 { lanes[lane] = turned(lanes[lane] &+ word(at + lane * 4) &* p2, 13) &* p1 }
        at += 16
      }
      hash = turned(lanes[0], 1) &+ turned(lanes[1], 7) &+ turned(lanes[2], 12) &+ turned(lanes[3], 18)
    }
    hash &+= UInt32(bytes.count)
    while at + 4 <= bytes.count {
      hash = turned(hash &+ word(at) &* p3, 17) &* p4
      at += 4
    }
    while at < bytes.count {
      hash = turned(hash &+ UInt32(bytes[at]) &* p5, 11) &* p1
      at += 1
    }
    hash = (hash ^ hash >> 15) &* p2
    hash = (hash ^ hash >> 13) &* p3
    return hash ^ hash >> 16
  }
}
