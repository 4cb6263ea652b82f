import Glibc

/// Builds records in one growing buffer: each record asks for room once, then writes without checks.
struct ByteWriter: ~Copyable {
  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 1 << 16) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  mutating func removeAll() { count = 0 }

  /// Makes room for `added` more bytes.
  @inline(__always)
  mutating func reserve(_ added: Int) {
    if count + added > capacity { grow(added) }
  }

  private mutating func grow(_ added: Int) {
    var larger = capacity
    while larger < count + added { larger *= 2 }
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memcpy(moved, base, count)
    base.deallocate()
    base = moved
    capacity = larger
  }

  /// An unsigned number in groups of 7 bits, lowest first; room for 10 bytes was reserved.
  @inline(__always)
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      base[count] = UInt8(truncatingIfNeeded: rest) | 0x80
      count += 1
      rest >>= 7
    }
    base[count] = UInt8(truncatingIfNeeded: rest)
    count += 1
  }

  @inline(__always)
  mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
    reserve(MemoryLayout<Value>.size)
    UnsafeMutableRawPointer(base + count).storeBytes(of: value.littleEndian, as: Value.self)
    count += MemoryLayout<Value>.size
  }

  mutating func append(_ added: UnsafeRawBufferPointer) {
    guard let start = added.baseAddress, added.count > 0 else { return }
    reserve(added.count)
    memcpy(base + count, start, added.count)
    count += added.count
  }

  mutating func append(_ added: [UInt8]) { added.withUnsafeBytes { append($0) } }

  /// Takes in bytes that C wrote at the end; room for them was reserved.
  mutating func advance(_ added: Int) { count += added }

  /// Overwrites what is there already.
  func set(_ value: UInt32, at offset: Int) {
    UnsafeMutableRawPointer(base + offset).storeBytes(of: value.littleEndian, as: UInt32.self)
  }
}
