/// A set of bytes, one bit each: what a bracket expression of a pattern stands for.
struct ByteSet: Sendable, Hashable {
  private var words: SIMD4<UInt64> = .zero

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    words[Int(byte >> 6)] & (1 << UInt64(byte & 63)) != 0
  }

  mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

  mutating func remove(_ byte: UInt8) { words[Int(byte >> 6)] &= ~(1 << UInt64(byte & 63)) }

  /// Adds a range; an empty one when the first byte is above the last.
  mutating func insert(from first: UInt8, through last: UInt8) {
    guard first <= last else { return }
    for byte in first...last { insert(byte) }
  }

  mutating func formUnion(_ other: ByteSet) { words |= other.words }

  mutating func invert() { words = ~words }
}

extension ByteSet {
  /// The bytes of a class such as `[:alpha:]`, as git has them: ASCII alone, whatever the locale.
  ///
  /// - Returns: nil for a name that is no class's.
  init?(className: ArraySlice<UInt8>) {
    self.init()
    switch String(decoding: className, as: UTF8.self) {
    case "alnum": insert(Self.letters, Self.digits)
    case "alpha": insert(Self.letters)
    case "blank": insert([0x20...0x20, 0x09...0x09])
    case "cntrl": insert([0x00...0x1f, 0x7f...0x7f])
    case "digit": insert(Self.digits)
    case "graph": insert([0x21...0x7e])
    case "lower": insert([0x61...0x7a])
    case "print": insert([0x20...0x7e])
    case "punct": insert([0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e])
    // Neither vertical tab nor form feed, unlike isspace(3).
    case "space": insert([0x20...0x20, 0x09...0x0a, 0x0d...0x0d])
    case "upper": insert([0x41...0x5a])
    case "xdigit": insert(Self.digits, [0x41...0x46, 0x61...0x66])
    default: return nil
    }
  }

  private static let letters: [ClosedRange<UInt8>] = [0x41...0x5a, 0x61...0x7a]
  private static let digits: [ClosedRange<UInt8>] = [0x30...0x39]

  private mutating func insert(_ groups: [ClosedRange<UInt8>]...) {
    for group in groups {
      for range in group { insert(from: range.lowerBound, through: range.upperBound) }
    }
  }
}
