/// A section of packed objects, column by column.
struct PackedSection {
  typealias Malformed = ByteReader.Malformed

  /// A column: `known` is nil for the one of processes and those that may be passed over.
  struct Column {
    let number: UInt8
    let known: FrameLayout.PackedColumn?
    let bytes: UnsafeRawBufferPointer
  }

  let objectCount: Int
  let linkCount: Int
  private var reader: ByteReader
  private var last: UInt8 = 0

  /// - Throws: where the section claims more than can be in so many bytes.
  init(_ section: UnsafeRawBufferPointer) throws(Malformed) {
    reader = ByteReader(section)
    let count = try reader.varint()
    let linkCount = try reader.varint()
    // Every object takes at least 7 bytes in its columns, and every link 3.
    guard count <= UInt64(section.count) / 7, linkCount <= UInt64(section.count) / 3 else {
      throw Malformed("more objects than there are bytes")
    }
    objectCount = Int(count)
    self.linkCount = Int(linkCount)
  }

  /// The next column; nil at the end.
  ///
  /// - Throws: also where columns are out of order, or one is unknown that must be known.
  mutating func next() throws(Malformed) -> Column? {
    if reader.isAtEnd { return nil }
    let kind = try reader.integer(UInt8.self)
    let bytes = try reader.take(try reader.varint())
    let number = kind & ~FrameLayout.mayPassOver
    guard number > last else { throw Malformed("columns are out of order") }
    last = number
    let known = kind & FrameLayout.mayPassOver == 0 ? FrameLayout.PackedColumn(rawValue: kind) : nil
    if known == nil, kind & FrameLayout.mayPassOver == 0 { throw Malformed("column \(number) is unknown") }
    return Column(number: number, known: known, bytes: bytes)
  }
}
