/// Reads a packed column of values that are most often the one before: a value, and how many in succession
/// have it, in turn.
struct PackedRuns {
  typealias Malformed = ByteReader.Malformed

  private(set) var reader: ByteReader
  private var value: UInt64 = 0
  private var left: UInt64 = 0

  init(_ reader: ByteReader) { self.reader = reader }

  /// Whether nothing is left, neither in the column nor of a run.
  var isAtEnd: Bool { left == 0 && reader.isAtEnd }

  /// The next value.
  @inline(__always)
  mutating func next() throws(Malformed) -> UInt64 {
    if left == 0 { try begin() }
    left -= 1
    return value
  }

  /// The next run, whole.
  ///
  /// - Parameter most: more than these make it malformed.
  mutating func run(atMost most: Int) throws(Malformed) -> (value: UInt64, count: Int) {
    try begin()
    guard left <= UInt64(most) else { throw Malformed("a run is longer than its column") }
    defer { left = 0 }
    return (value, Int(left))
  }

  /// Passes over some values.
  mutating func skip(_ count: Int) throws(Malformed) {
    var rest = UInt64(count)
    while rest > left {
      rest -= left
      try begin()
    }
    left -= rest
  }

  private mutating func begin() throws(Malformed) {
    value = try reader.varint()
    left = try reader.varint()
    guard left > 0 else { throw Malformed("a run of nothing") }
  }
}
