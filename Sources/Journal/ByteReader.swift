/// Reads bytes from outside: nothing is believed before it is checked.
struct ByteReader {
  /// What stands there is not what the format allows.
  struct Malformed: Error {
    let what: String
    init(_ what: String) { self.what = what }
  }

  let bytes: UnsafeRawBufferPointer
  private(set) var at = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }
  var remaining: Int { bytes.count - at }

  @inline(__always)
  mutating func varint() throws(Malformed) -> UInt64 {
    // Most take one byte.
    if at < bytes.count, bytes[at] < 0x80 {
      at += 1
      return UInt64(bytes[at - 1])
    }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard at < bytes.count else { throw Malformed("a number ends too early") }
      let byte = bytes[at]
      at += 1
      if shift == 63, byte > 1 { throw Malformed("a number is too long") }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// Passes over so many, whatever they are.
  @inline(__always)
  mutating func skipVarints(_ count: UInt64) throws(Malformed) {
    for _ in 0..<count {
      while true {
        guard at < bytes.count else { throw Malformed("a number ends too early") }
        at += 1
        if bytes[at - 1] < 0x80 { break }
      }
    }
  }

  @inline(__always)
  mutating func signed() throws(Malformed) -> Int64 {
    Self.unfolded(try varint())
  }

  @inline(__always)
  static func unfolded(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  @inline(__always)
  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self
  ) throws(Malformed) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw Malformed("a field ends too early") }
    let value = bytes.loadUnaligned(fromByteOffset: at, as: Value.self)
    at += size
    return Value(littleEndian: value)
  }

  /// The next `count` bytes.
  @inline(__always)
  mutating func take(_ count: UInt64) throws(Malformed) -> UnsafeRawBufferPointer {
    guard count <= UInt64(remaining) else { throw Malformed("a length points past the end") }
    let taken = UnsafeRawBufferPointer(rebasing: bytes[at..<at + Int(count)])
    at += Int(count)
    return taken
  }
}
