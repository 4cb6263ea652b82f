import LinuxSystem
import Tree

/// Reads a section of packed objects and checks everything in it, as `ObjectDecoder` does with the form before.
enum PackedDecoder {
  typealias Malformed = ByteReader.Malformed
  private typealias Column = FrameLayout.PackedColumn

  /// Appends the objects of a section to a change set.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, into changes: inout ChangeSet, by attribution: inout Attribution
  ) throws(Malformed) {
    var section = try PackedSection(bytes)
    let first = changes.objects.count
    guard first + section.objectCount <= FrameLayout.objectCountMax,
      changes.bytes.count + bytes.count <= ChangeSet.byteCountMax
    else { throw Malformed("a commit is too large") }
    let part = first..<first + section.objectCount
    var parents = ByteReader(UnsafeRawBufferPointer(start: nil, count: 0))
    var next = Column.ids.rawValue
    /// What is left out is empty.
    func pass(upTo number: UInt8, _ changes: inout ChangeSet) throws(Malformed) {
      while next < number {
        try decode(Column(rawValue: next)!, UnsafeRawBufferPointer(start: nil, count: 0), part, section.linkCount, &parents, &changes)
        next += 1
      }
    }
    while let column = try section.next() {
      guard let known = column.known else {
        guard column.number == FrameLayout.processesColumn else { continue }
        try pass(upTo: UInt8(Column.end), &changes)
        try ProcessColumn.decode(column.bytes, changes.objects[part], into: &attribution)
        continue
      }
      try pass(upTo: known.rawValue, &changes)
      try decode(known, column.bytes, part, section.linkCount, &parents, &changes)
      next += 1
    }
    try pass(upTo: UInt8(Column.end), &changes)
    try ObjectDecoder.check(from: first, &changes)
  }

  private static func decode(
    _ column: Column, _ bytes: UnsafeRawBufferPointer, _ part: Range<Int>, _ linkCount: Int,
    _ parents: inout ByteReader, _ changes: inout ChangeSet
  ) throws(Malformed) {
    var values = ByteReader(bytes)
    switch column {
    case .ids: try ObjectDecoder.decodeIDs(&values, part.count, &changes)
    case .keys: try decodeKeys(&values, part, &changes)
    case .targets: try decodeTargets(&values, part, &changes)
    case .extendedAttributes: try decodeExtendedAttributes(&values, part, &changes)
    case .parents:
      // Read beside the names.
      parents = values
      return
    case .names: try decodeLinks(&parents, &values, linkCount, &changes)
    default:
      let firstLink = changes.links.count
      // Each element of an array asks whether the array is shared: once for all is a third of the time.
      try changes.objects.withUnsafeMutableBufferPointer { objects throws(Malformed) in
        let own = UnsafeMutableBufferPointer(rebasing: objects[part])
        if column.isOfRuns {
          try decodeRuns(column, &values, own, firstLink, linkCount)
        } else {
          try decode(column, &values, own)
        }
      }
    }
    guard values.isAtEnd else { throw Malformed("column \(column.rawValue) is too long") }
  }

  /// Columns of one number for each.
  private static func decode(
    _ column: Column, _ values: inout ByteReader, _ objects: UnsafeMutableBufferPointer<ObjectChange>
  ) throws(Malformed) {
    switch column {
    case .devices:
      for at in objects.indices where objects[at].attributes.kind.isDevice {
        objects[at].attributes.device = try values.varint()
      }
    case .sizes:
      for at in objects.indices where objects[at].hasSize {
        let size = try values.varint()
        guard size <= UInt64(Int64.max) else { throw Malformed("an impossible size") }
        objects[at].attributes.sizeBytes = size
      }
    case .modified:
      var last: Int64 = 0
      for at in objects.indices {
        last = last &+ (try values.signed())
        objects[at].attributes.modified = Timestamp(seconds: last, nanoseconds: 0)
      }
    case .nanoseconds:
      for at in objects.indices {
        objects[at].attributes.modified.nanoseconds = try values.nanoseconds(Int64(try values.integer(UInt32.self)))
      }
    case .changedNanoseconds:
      for at in objects.indices {
        let difference = try values.signed()
        objects[at].changed.nanoseconds = try values.nanoseconds(
          Int64(objects[at].attributes.modified.nanoseconds) &+ difference)
      }
    default: preconditionFailure("these columns are read elsewhere")
    }
  }

  /// Columns of numbers of which many in succession are the same.
  private static func decodeRuns(
    _ column: Column, _ values: inout ByteReader, _ objects: UnsafeMutableBufferPointer<ObjectChange>,
    _ firstLink: Int, _ linkCount: Int
  ) throws(Malformed) {
    var runs = PackedRuns(values)
    var at = 0
    var link = firstLink
    var drained: Int64 = 0
    while at < objects.count {
      let (value, count) = try runs.run(atMost: objects.count - at)
      let range = at..<at + count
      switch column {
      case .facts:
        let facts = try ObjectDecoder.facts(value, isFirst: at == 0)
        guard facts != .continued || count == 1 else { throw Malformed("unknown facts") }
        for at in range { objects[at].facts = facts }
      case .modes:
        guard let mode = UInt16(exactly: value), FileKind(mode: UInt32(mode)) != .unknown else {
          throw Malformed("an unknown type")
        }
        for at in range { objects[at].attributes.mode = UInt32(mode) }
      // The largest number is chown's "leave it as it is", never an owner.
      case .uids, .gids:
        guard value < UInt64(UInt32.max) else { throw Malformed("an impossible owner") }
        if column == .uids {
          for at in range { objects[at].attributes.uid = UInt32(value) }
        } else {
          for at in range { objects[at].attributes.gid = UInt32(value) }
        }
      case .changed:
        let difference = ByteReader.unfolded(value)
        for at in range { objects[at].changed.seconds = objects[at].attributes.modified.seconds &+ difference }
      case .drained:
        drained = drained &+ ByteReader.unfolded(value)
        for at in range { objects[at].drainedSeconds = drained }
      case .linkCounts:
        for at in range {
          guard value <= UInt64(linkCount - (link - firstLink)) else { throw Malformed("too many links") }
          objects[at].firstLink = UInt32(link)
          objects[at].linkCount = UInt32(value)
          link += Int(value)
        }
      default: preconditionFailure("these columns have no runs")
      }
      at += count
    }
    if column == .linkCounts, link - firstLink != linkCount { throw Malformed("links that belong to no object") }
    values = runs.reader
  }

  // MARK: Bytes

  private static func decodeKeys(
    _ values: inout ByteReader, _ part: Range<Int>, _ changes: inout ChangeSet
  ) throws(Malformed) {
    var left = 0
    for object in changes.objects[part] where object.hasKey { left += 1 }
    var runs = PackedRuns(values)
    var lengths: [(bytes: Int, count: Int)] = []
    while left > 0 {
      let (value, count) = try runs.run(atMost: left)
      guard value >= 4, value <= UInt64(4 + ObjectKey.byteCountMax) else { throw Malformed("an impossible handle") }
      lengths.append((Int(value), count))
      left -= count
    }
    values = runs.reader
    var place = part.lowerBound
    for run in lengths {
      let planes = try values.take(UInt64(run.bytes * run.count))
      var key = [UInt8](repeating: 0, count: run.bytes)
      let words = run.bytes & ~3
      for row in 0..<run.count {
        for word in stride(from: 0, to: words, by: 4) {
          var folded: UInt32 = 0
          var before: UInt32 = 0
          for byte in 0..<4 {
            folded |= UInt32(planes[(word + byte) * run.count + row]) << (8 * UInt32(byte))
            before |= UInt32(key[word + byte]) << (8 * UInt32(byte))
          }
          let value = before &+ (folded >> 1 ^ (0 &- (folded & 1)))
          for byte in 0..<4 { key[word + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
        }
        for byte in words..<run.bytes { key[byte] = planes[byte * run.count + row] }
        while !changes.objects[place].hasKey { place += 1 }
        changes.objects[place].key = changes.store(key)
        place += 1
      }
    }
  }

  private static func decodeTargets(
    _ values: inout ByteReader, _ part: Range<Int>, _ changes: inout ChangeSet
  ) throws(Malformed) {
    var lengths = values
    for at in part where changes.objects[at].hasTarget { _ = try values.varint() }
    for at in part where changes.objects[at].hasTarget {
      let bytes = try values.take(try lengths.varint())
      try ObjectDecoder.check(target: bytes)
      changes.objects[at].target = changes.store(bytes)
    }
  }

  private static func decodeExtendedAttributes(
    _ values: inout ByteReader, _ part: Range<Int>, _ changes: inout ChangeSet
  ) throws(Malformed) {
    var left = 0
    for object in changes.objects[part] where object.hasExtendedAttributes { left += 1 }
    var lengths = PackedRuns(values)
    var ends = lengths
    while left > 0 { left -= try ends.run(atMost: left).count }
    values = ends.reader
    for at in part where changes.objects[at].hasExtendedAttributes {
      let bytes = try values.take(try lengths.next())
      if bytes.isEmpty { continue }
      try ObjectDecoder.check(extendedAttributes: bytes)
      changes.objects[at].extendedAttributes = changes.store(bytes)
    }
  }

  private static func decodeLinks(
    _ parents: inout ByteReader, _ values: inout ByteReader, _ count: Int, _ changes: inout ChangeSet
  ) throws(Malformed) {
    var lengths = values
    for _ in 0..<count { _ = try values.varint() }
    var parent: UInt64 = 0
    for _ in 0..<count {
      parent = parent &+ UInt64(bitPattern: try parents.signed())
      guard parent >= 1, parent <= ObjectID.last.rawValue else { throw Malformed("an impossible parent") }
      let kind = try lengths.varint()
      let name = try values.take(kind >> 1)
      guard Name.isLegal(name) else { throw Malformed("an illegal name") }
      changes.links.append(
        LinkChange(parent: ObjectID(parent), name: changes.store(name), isGained: kind & 1 == 1))
    }
    guard parents.isAtEnd else { throw Malformed("parents of no link") }
  }
}

extension FrameLayout.PackedColumn {
  /// Whether it says a value and how many in succession have it.
  fileprivate var isOfRuns: Bool {
    switch self {
    case .facts, .modes, .uids, .gids, .changed, .drained, .linkCounts: true
    default: false
    }
  }
}
