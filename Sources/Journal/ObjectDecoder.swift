import LinuxSystem
import Tree

/// Reads an objects section of the form before `PackedDecoder`'s and checks everything in it; what it gives is
/// well formed, though not necessarily true.
enum ObjectDecoder {
  typealias Malformed = ByteReader.Malformed

  /// Appends the objects of a section to a change set.
  static func decode(
    _ section: UnsafeRawBufferPointer, into changes: inout ChangeSet,
    by attribution: inout Attribution
  ) throws(Malformed) {
    var reader = ByteReader(section)
    let count = try reader.varint()
    let linkCount = try reader.varint()
    // Every object takes at least 10 bytes in its columns, and every link 3.
    guard count <= UInt64(section.count) / 10, linkCount <= UInt64(section.count) / 3 else {
      throw Malformed("more objects than there are bytes")
    }
    let first = changes.objects.count
    let firstLink = changes.links.count
    guard first + Int(count) <= FrameLayout.objectCountMax,
      changes.bytes.count + section.count <= ChangeSet.byteCountMax else {
      throw Malformed("a commit is too large")
    }
    var next = FrameLayout.Column.ids.rawValue
    while !reader.isAtEnd {
      let number = try reader.integer(UInt8.self)
      let flags = try reader.integer(UInt8.self)
      let bytes = try reader.take(UInt64(try reader.integer(UInt32.self)))
      if number == FrameLayout.processesColumn {
        guard next == FrameLayout.Column.links.rawValue + 1 else {
          throw Malformed("columns are missing or out of order")
        }
        try ProcessColumn.decode(bytes, changes.objects[first...], into: &attribution)
        continue
      }
      guard let column = FrameLayout.Column(rawValue: number) else {
        if flags & FrameLayout.mustUnderstand != 0 { throw Malformed("column \(number) is unknown") }
        continue
      }
      guard number == next else { throw Malformed("columns are missing or out of order") }
      next += 1
      var values = ByteReader(bytes)
      switch column {
      case .ids: try decodeIDs(&values, Int(count), &changes)
      case .links: try decodeLinks(&values, Int(linkCount), &changes)
      case .keys, .targets, .extendedAttributes:
        try decode(column, &values, first..<first + Int(count), &changes)
      default:
        // Each element of an array asks whether the array is shared: once for all is a third of the time.
        try changes.objects.withUnsafeMutableBufferPointer { objects throws(Malformed) in
          let part = UnsafeMutableBufferPointer(rebasing: objects[first...])
          try decode(column, &values, part, firstLink, Int(linkCount))
        }
      }
      guard values.isAtEnd else { throw Malformed("column \(number) is too long") }
    }
    guard next == FrameLayout.Column.links.rawValue + 1 else { throw Malformed("columns are missing") }
    try check(from: first, &changes)
  }

  /// What holds between the objects of a section and what stands before them.
  ///
  /// - Parameter first: the place of the section's first object.
  static func check(from first: Int, _ changes: inout ChangeSet) throws(Malformed) {
    if first < changes.objects.count, changes.objects[first].facts == .continued {
      guard first > 0, changes.objects[first - 1].id == changes.objects[first].id else {
        throw Malformed("links that go on from no object")
      }
      changes.objects[first - 1].linkCount += changes.objects[first].linkCount
      changes.objects.remove(at: first)
    }
    for object in changes.objects[first...] where object.id == .root {
      guard object.facts.isDisjoint(with: [.created, .removed]), object.linkCount == 0,
        object.attributes.kind == .directory
      else { throw Malformed("the root is made, removed, named or no directory") }
    }
  }

  static func decodeIDs(
    _ values: inout ByteReader, _ count: Int, _ changes: inout ChangeSet
  ) throws(Malformed) {
    var last: UInt64 = 0
    for _ in 0..<count {
      last = last &+ UInt64(bitPattern: try values.signed())
      guard last >= 1, last <= ObjectID.last.rawValue else { throw Malformed("an impossible object") }
      changes.objects.append(
        ObjectChange(
          id: ObjectID(last), facts: [],
          attributes: Attributes(mode: 0, uid: 0, gid: 0, modified: .zero), changed: .zero))
    }
  }

  private static func decodeLinks(
    _ values: inout ByteReader, _ count: Int, _ changes: inout ChangeSet
  ) throws(Malformed) {
    var last: UInt64 = 0
    for _ in 0..<count {
      last = last &+ UInt64(bitPattern: try values.signed())
      guard last >= 1, last <= ObjectID.last.rawValue else { throw Malformed("an impossible parent") }
      let kind = try values.varint()
      let name = try values.take(kind >> 1)
      guard Name.isLegal(name) else { throw Malformed("an illegal name") }
      changes.links.append(
        LinkChange(parent: ObjectID(last), name: changes.store(name), isGained: kind & 1 == 1))
    }
  }

  /// Columns of numbers.
  private static func decode(
    _ column: FrameLayout.Column, _ values: inout ByteReader,
    _ objects: UnsafeMutableBufferPointer<ObjectChange>, _ firstLink: Int, _ linkCount: Int
  ) throws(Malformed) {
    let range = objects.indices
    switch column {
    case .facts:
      for at in range {
        objects[at].facts = try facts(try values.varint(), isFirst: at == 0)
      }
    case .modes:
      for at in range {
        let mode: UInt16 = try values.small()
        objects[at].attributes.mode = UInt32(mode)
        guard FileKind(mode: UInt32(mode)) != .unknown else { throw Malformed("an unknown type") }
      }
    // The largest number is chown's "leave it as it is", never an owner.
    case .uids: for at in range { objects[at].attributes.uid = try values.owner() }
    case .gids: for at in range { objects[at].attributes.gid = try values.owner() }
    case .devices:
      for at in range where objects[at].attributes.kind.isDevice {
        objects[at].attributes.device = try values.varint()
      }
    case .sizes:
      for at in range where objects[at].attributes.kind.hasSize {
        let size = try values.varint()
        guard size <= UInt64(Int64.max) else { throw Malformed("an impossible size") }
        objects[at].attributes.sizeBytes = size
      }
    case .modified:
      var last: Int64 = 0
      for at in range {
        last = last &+ (try values.signed())
        objects[at].attributes.modified = Timestamp(
          seconds: last, nanoseconds: try values.nanoseconds(Int64(clamping: try values.varint())))
      }
    case .changed:
      for at in range {
        let modified = objects[at].attributes.modified
        let seconds = modified.seconds &+ (try values.signed())
        let nanoseconds = Int64(modified.nanoseconds) &+ (try values.signed())
        objects[at].changed = Timestamp(
          seconds: seconds, nanoseconds: try values.nanoseconds(nanoseconds))
      }
    case .drained:
      var last: Int64 = 0
      for at in range {
        last = last &+ (try values.signed())
        objects[at].drainedSeconds = last
      }
    case .linkCounts:
      var next = firstLink
      for at in range {
        let links = try values.varint()
        guard links <= UInt64(linkCount - (next - firstLink)) else { throw Malformed("too many links") }
        objects[at].firstLink = UInt32(next)
        objects[at].linkCount = UInt32(links)
        next += Int(links)
      }
      guard next - firstLink == linkCount else { throw Malformed("links that belong to no object") }
    case .ids, .links, .keys, .targets, .extendedAttributes:
      preconditionFailure("these columns are no numbers of objects")
    }
  }

  /// - Parameter isFirst: whether they are of a section's first object.
  static func facts(_ value: UInt64, isFirst: Bool) throws(Malformed) -> ObjectChange.Facts {
    guard let value = UInt16(exactly: value) else { throw Malformed("a number is too large") }
    let facts = ObjectChange.Facts(rawValue: value)
    guard facts.isSubset(of: .known) || facts == .continued && isFirst,
      !facts.isSuperset(of: [.created, .removed])
    else { throw Malformed("unknown facts") }
    return facts
  }

  /// Columns of bytes.
  private static func decode(
    _ column: FrameLayout.Column, _ values: inout ByteReader, _ range: Range<Int>,
    _ changes: inout ChangeSet
  ) throws(Malformed) {
    switch column {
    case .keys:
      for at in range where changes.objects[at].hasKey {
        let bytes = try values.take(try values.varint())
        guard bytes.count >= 4, bytes.count <= 4 + ObjectKey.byteCountMax else {
          throw Malformed("an impossible handle")
        }
        changes.objects[at].key = changes.store(bytes)
      }
    case .targets:
      for at in range where changes.objects[at].hasTarget {
        let bytes = try values.take(try values.varint())
        try check(target: bytes)
        changes.objects[at].target = changes.store(bytes)
      }
    default:
      for at in range where changes.objects[at].hasExtendedAttributes {
        let bytes = try values.take(try values.varint())
        try check(extendedAttributes: bytes)
        changes.objects[at].extendedAttributes = changes.store(bytes)
      }
    }
  }

  static func check(target bytes: UnsafeRawBufferPointer) throws(Malformed) {
    guard bytes.count >= 1, bytes.count < 4096, !bytes.contains(0) else {
      throw Malformed("an impossible link target")
    }
  }

  /// The encoding of `ExtendedAttributeReader`: sorted, with namespaces, within the kernel's limits.
  static func check(extendedAttributes bytes: UnsafeRawBufferPointer) throws(Malformed) {
    var reader = ByteReader(bytes)
    var last: UnsafeRawBufferPointer? = nil
    while !reader.isAtEnd {
      let name = try reader.take(UInt64(try reader.integer(UInt8.self)))
      let value = try reader.take(UInt64(try reader.integer(UInt32.self)))
      guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0, dot < name.count - 1,
        !name.contains(0), value.count <= 65_536
      else { throw Malformed("an impossible extended attribute") }
      if let last, !last.lexicographicallyPrecedes(name) {
        throw Malformed("extended attributes out of order")
      }
      last = name
    }
  }
}

extension ObjectChange.Facts {
  static let known: ObjectChange.Facts = [
    .created, .removed, .attributes, .extendedAttributes, .content, .unsettled,
  ]
}

extension ByteReader {
  fileprivate mutating func small() throws(Malformed) -> UInt16 {
    guard let value = UInt16(exactly: try varint()) else { throw Malformed("a number is too large") }
    return value
  }

  fileprivate mutating func owner() throws(Malformed) -> UInt32 {
    let value = try varint()
    guard value < UInt64(UInt32.max) else { throw Malformed("an impossible owner") }
    return UInt32(value)
  }

  func nanoseconds(_ value: Int64) throws(Malformed) -> UInt32 {
    guard value >= 0, value < 1_000_000_000 else { throw Malformed("an impossible time") }
    return UInt32(value)
  }
}
