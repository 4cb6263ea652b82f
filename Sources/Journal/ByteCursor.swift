import Glibc
import Tree

/// Writes where room was made before for all that comes: nothing is checked, and the place stays in a register.
///
/// Up to 16 bytes behind what it writes may change.
struct ByteCursor {
  private(set) var at: UnsafeMutablePointer<UInt8>

  /// What has to be left behind the last byte.
  static let slackBytes = 16

  init(_ start: UnsafeMutablePointer<UInt8>) { at = start }

  /// An unsigned number in groups of 7 bits, lowest first; up to 10 bytes.
  @inline(__always)
  mutating func varint(_ value: UInt64) {
    guard value < 0x80 else { return spread(value) }
    at[0] = UInt8(truncatingIfNeeded: value)
    at += 1
  }

  /// The same for numbers of which one byte is not the rule.
  @inline(__always)
  mutating func spread(_ value: UInt64) {
    // All groups at once: how many there are is what a processor guesses wrong.
    var groups: UInt64
    if value < 1 << 28 {
      groups = value & 0x3FFF | (value & 0x0FFF_C000) << 2
    } else if value < 1 << 56 {
      groups = value & 0x0FFF_FFFF | (value & 0xFF_FFFF_F000_0000) << 4
      groups = groups & 0x0000_3FFF_0000_3FFF | (groups & 0x0FFF_C000_0FFF_C000) << 2
    } else {
      return long(value)
    }
    groups = groups & 0x007F_007F_007F_007F | (groups & 0x3F80_3F80_3F80_3F80) << 1
    let last = UInt64(63 - (groups | 1).leadingZeroBitCount) & ~7
    groups |= 0x8080_8080_8080_8080 & (1 &<< last &- 1)
    UnsafeMutableRawPointer(at).storeBytes(of: groups.littleEndian, as: UInt64.self)
    at += Int(last >> 3) + 1
  }

  private mutating func long(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      at[0] = UInt8(truncatingIfNeeded: rest) | 0x80
      at += 1
      rest >>= 7
    }
    at[0] = UInt8(truncatingIfNeeded: rest)
    at += 1
  }

  /// A signed number, folded so that small ones of either sign are short.
  @inline(__always)
  mutating func signed(_ value: Int64) { varint(Self.folded(value)) }

  @inline(__always)
  static func folded(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63)
  }

  @inline(__always)
  mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
    UnsafeMutableRawPointer(at).storeBytes(of: value.littleEndian, as: Value.self)
    at += MemoryLayout<Value>.size
  }

  /// Some bytes of an arena.
  @inline(__always)
  mutating func append(_ slice: ChangeSet.Slice, of arena: UnsafeRawBufferPointer) {
    let (offset, count) = (Int(slice.offset), Int(slice.count))
    guard count > 0 else { return }
    precondition(offset + count <= arena.count, "a slice lies within its arena")
    let start = arena.baseAddress! + offset
    // Names and handles are short: a call for each takes longer than the copy.
    if count <= Self.slackBytes, offset + Self.slackBytes <= arena.count {
      let bytes = start.loadUnaligned(as: SIMD16<UInt8>.self)
      UnsafeMutableRawPointer(at).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
    } else {
      memcpy(at, start, count)
    }
    at += count
  }
}
