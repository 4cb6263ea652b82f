import LinuxSystem
import Tree

/// Reads of an objects section what it says of a few objects' names, modes and owners; the rest is passed over.
///
/// It takes a quarter of the time of `ObjectDecoder`, which checks more.
enum ObjectPicker {
  typealias Malformed = ByteReader.Malformed

  /// Appends what a frame's content says of the objects, and gives its header.
  static func pick(
    _ plain: UnsafeRawBufferPointer, _ wanted: ObjectFilter, into changes: inout ChangeSet
  ) throws(Malformed) -> FrameHeader {
    var reader = ByteReader(plain)
    let header = try FrameHeader(&reader)
    while !reader.isAtEnd {
      let kind = try reader.integer(UInt8.self)
      let flags = try reader.integer(UInt8.self)
      let bytes = try reader.take(UInt64(try reader.integer(UInt32.self)))
      if kind == FrameLayout.Section.objects {
        try pick(section: bytes, wanted, into: &changes)
      } else if kind == FrameLayout.Section.packedObjects {
        try pick(packed: bytes, wanted, into: &changes)
      } else if kind > FrameLayout.Section.transients, flags & FrameLayout.mustUnderstand != 0 {
        throw Malformed("section \(kind) is unknown")
      }
    }
    return header
  }

  private static func pick(
    section: UnsafeRawBufferPointer, _ wanted: ObjectFilter, into changes: inout ChangeSet
  ) throws(Malformed) {
    var reader = ByteReader(section)
    let count = try reader.varint()
    let linkCount = try reader.varint()
    guard count <= UInt64(section.count) / 10, linkCount <= UInt64(section.count) / 3 else {
      throw Malformed("more objects than there are bytes")
    }
    var rows: [Row] = []
    while !reader.isAtEnd {
      let number = try reader.integer(UInt8.self)
      let flags = try reader.integer(UInt8.self)
      let bytes = try reader.take(UInt64(try reader.integer(UInt32.self)))
      var values = ByteReader(bytes)
      switch FrameLayout.Column(rawValue: number) {
      case .ids:
        rows = try find(&values, Int(count), wanted)
        if rows.isEmpty { return }
      case .facts: try each(&values, &rows) { $0.facts = UInt16(truncatingIfNeeded: $1) }
      case .modes: try each(&values, &rows) { $0.mode = UInt32(truncatingIfNeeded: $1) }
      case .uids: try each(&values, &rows) { $0.uid = UInt32(truncatingIfNeeded: $1) }
      case .gids: try each(&values, &rows) { $0.gid = UInt32(truncatingIfNeeded: $1) }
      case .linkCounts:
        try countLinks(&rows, atMost: Int(linkCount)) { () throws(Malformed) in try values.varint() }
      case .links:
        try add(rows, into: &changes) { () throws(Malformed) in
          let step = try values.signed()
          let kind = try values.varint()
          return (step, kind & 1 == 1, try values.take(kind >> 1))
        }
      case nil:
        if flags & FrameLayout.mustUnderstand != 0 { throw Malformed("column \(number) is unknown") }
      default: continue
      }
    }
  }

  /// An object that is wanted.
  struct Row {
    var index: Int
    var id: ObjectID
    var facts: UInt16 = 0
    var mode: UInt32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    var firstLink = 0
    var linkCount = 0
  }

  static func find(
    _ values: inout ByteReader, _ count: Int, _ wanted: ObjectFilter
  ) throws(Malformed) -> [Row] {
    var rows: [Row] = []
    var last: UInt64 = 0
    for index in 0..<count {
      last = last &+ UInt64(bitPattern: try values.signed())
      if wanted.contains(last) { rows.append(Row(index: index, id: ObjectID(last))) }
    }
    return rows
  }

  /// Gives the value of each row.
  private static func each(
    _ values: inout ByteReader, _ rows: inout [Row], _ body: (inout Row, UInt64) -> Void
  ) throws(Malformed) {
    var index = 0
    for row in rows.indices {
      while index < rows[row].index {
        _ = try values.varint()
        index += 1
      }
      body(&rows[row], try values.varint())
      index += 1
    }
  }

  /// Finds which links are whose.
  ///
  /// - Parameter next: gives how many links the next of all objects has.
  static func countLinks(
    _ rows: inout [Row], atMost linksMax: Int, _ next: () throws(Malformed) -> UInt64
  ) throws(Malformed) {
    var index = 0
    var links = 0
    for row in rows.indices {
      while true {
        let count = try next()
        guard count <= UInt64(linksMax - links) else { throw Malformed("too many links") }
        defer {
          links += Int(count)
          index += 1
        }
        if index == rows[row].index {
          rows[row].firstLink = links
          rows[row].linkCount = Int(count)
          break
        }
      }
    }
  }

  /// A link as it is written: by how much its directory's number is larger than that of the one before, whether
  /// it is gained, and the name.
  typealias WrittenLink = (step: Int64, isGained: Bool, name: UnsafeRawBufferPointer)

  /// Takes the wanted objects in, with their links.
  ///
  /// - Parameter next: gives the next of all links.
  static func add(
    _ rows: [Row], into changes: inout ChangeSet, _ next: () throws(Malformed) -> WrittenLink
  ) throws(Malformed) {
    var parent: UInt64 = 0
    var index = 0
    for row in rows {
      let first = changes.links.count
      while index < row.firstLink + row.linkCount {
        let link = try next()
        parent = parent &+ UInt64(bitPattern: link.step)
        if index >= row.firstLink {
          try add(link.name, of: parent, isGained: link.isGained, into: &changes)
        }
        index += 1
      }
      try add(row, first, into: &changes)
    }
  }

  static func add(
    _ name: UnsafeRawBufferPointer, of parent: UInt64, isGained: Bool, into changes: inout ChangeSet
  ) throws(Malformed) {
    guard Name.isLegal(name), parent >= 1, parent <= ObjectID.last.rawValue else {
      throw Malformed("an illegal name")
    }
    changes.links.append(LinkChange(parent: ObjectID(parent), name: changes.store(name), isGained: isGained))
  }

  /// - Parameter first: its first link.
  static func add(_ row: Row, _ first: Int, into changes: inout ChangeSet) throws(Malformed) {
    let added = UInt32(changes.links.count - first)
    if row.facts == ObjectChange.Facts.continued.rawValue {
      // It goes on from the frame before.
      guard let last = changes.objects.indices.last, changes.objects[last].id == row.id else {
        throw Malformed("links that go on from no object")
      }
      changes.objects[last].linkCount += added
      return
    }
    changes.objects.append(
      ObjectChange(
        id: row.id, facts: ObjectChange.Facts(rawValue: row.facts),
        attributes: Attributes(mode: row.mode, uid: row.uid, gid: row.gid, modified: .zero),
        changed: .zero, firstLink: UInt32(first), linkCount: added))
  }
}
