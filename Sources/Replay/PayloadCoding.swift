import LinuxSystem
import SystemPackage
import Tree

/// Writes the payloads of the marks in a destination's log: integers little-endian, names after a byte
/// with their length.
struct PayloadWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ time: Timestamp) {
    put(time.seconds)
    put(time.nanoseconds)
  }

  mutating func put(_ place: DestinationInode?) {
    put(UInt8(place == nil ? 0 : 1))
    guard let place else { return }
    put(place.inode)
    put(place.born)
  }

  mutating func put(_ links: [Link]) {
    put(UInt32(links.count))
    for link in links {
      put(link.parent.rawValue)
      put(UInt8(link.name.bytes.count))
      bytes.append(contentsOf: link.name.bytes)
    }
  }

  mutating func put(raw: [UInt8]) { bytes.append(contentsOf: raw) }
}

/// Reads what `PayloadWriter` wrote; a payload may come from anyone, so everything is checked.
struct PayloadReader {
  /// The payload is not one.
  struct Malformed: Error {}

  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type = Number.self
  ) throws(Malformed) -> Number {
    let bytes = try raw(MemoryLayout<Number>.size)
    var number: Number = 0
    withUnsafeMutableBytes(of: &number) { $0.copyBytes(from: bytes) }
    return Number(littleEndian: number)
  }

  mutating func raw(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard rest.count >= count else { throw Malformed() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func time() throws(Malformed) -> Timestamp {
    let seconds = try number(Int64.self)
    let nanoseconds = try number(UInt32.self)
    guard nanoseconds < 1_000_000_000 else { throw Malformed() }
    return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
  }

  mutating func place() throws(Malformed) -> DestinationInode? {
    guard try number(UInt8.self) != 0 else { return nil }
    return DestinationInode(inode: try number(), born: try time())
  }

  mutating func id() throws(Malformed) -> ObjectID {
    let id = ObjectID(try number())
    guard id == .park || (id != .none && id.rawValue <= DestinationTree.idMax) else {
      throw Malformed()
    }
    return id
  }

  mutating func links() throws(Malformed) -> [Link] {
    var links: [Link] = []
    for _ in 0..<(try number(UInt32.self)) {
      let parent = try id()
      let name = Array(try raw(Int(try number(UInt8.self))))
      guard name.withUnsafeBytes({ Name.isLegal($0) }) else { throw Malformed() }
      links.append(Link(parent, Name(name)))
    }
    return links
  }
}
