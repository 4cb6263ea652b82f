import LinuxSystem
import Tree

/// The packed columns of some objects while they are written.
struct PackedColumns {
  let objects: UnsafeBufferPointer<ObjectChange>
  let links: UnsafeBufferPointer<LinkChange>
  let arena: UnsafeRawBufferPointer
  /// Which kinds of file there are: bit k for the kind k.
  let kinds: UInt16
  /// Where each column ends; room for all of it was made before.
  let cursors: UnsafeMutablePointer<ByteCursor>
  let runs: UnsafeMutablePointer<PackedEncoder.Run>
  /// The words of the keys, as differences.
  private(set) var words: ByteCursor
  private(set) var names: ByteCursor
  private(set) var targetBytes = 0
  private(set) var extendedAttributeBytes = 0
  /// Keys of one length that follow each other.
  private var keyRuns: [(bytes: Int, count: Int)] = []
  private var lastID: UInt64 = 0
  private var lastModified: Int64 = 0
  /// Of the run before the last.
  private var drainedBefore: Int64 = 0
  private var lastKey: UnsafeRawPointer
  private var lastParent: UInt64 = 0

  init(
    objects: UnsafeBufferPointer<ObjectChange>, links: UnsafeBufferPointer<LinkChange>,
    arena: UnsafeRawBufferPointer, kinds: UInt16, cursors: UnsafeMutablePointer<ByteCursor>,
    runs: UnsafeMutablePointer<PackedEncoder.Run>, words: ByteCursor, names: ByteCursor
  ) {
    self.objects = objects
    self.links = links
    self.arena = arena
    self.kinds = kinds
    self.cursors = cursors
    self.runs = runs
    self.words = words
    self.names = names
    lastKey = UnsafeRawPointer(names.at)
  }

  private static let deviceKinds: UInt16 =
    1 << UInt16(FileKind.characterDevice.rawValue) | 1 << UInt16(FileKind.blockDevice.rawValue)

  /// Appends some objects to all columns.
  mutating func encode(_ block: UnsafeBufferPointer<UInt32>) {
    var last = lastID
    each(.ids, block) { cursor, object in
      let id = object.pointee.id.rawValue
      cursor.spread(ByteCursor.folded(Int64(bitPattern: id &- last)))
      last = id
    }
    lastID = last
    runs(.facts, block) { UInt64($0.pointee.facts.rawValue) }
    runs(.modes, block) { UInt64($0.pointee.attributes.mode) }
    runs(.uids, block) { UInt64($0.pointee.attributes.uid) }
    runs(.gids, block) { UInt64($0.pointee.attributes.gid) }
    if kinds & Self.deviceKinds != 0 {
      each(.devices, block) { cursor, object in
        if object.pointee.hasDevice { cursor.varint(object.pointee.attributes.device) }
      }
    }
    each(.sizes, block) { cursor, object in
      if object.pointee.hasSize { cursor.spread(object.pointee.attributes.sizeBytes) }
    }
    encodeTimes(block)
    runs(.linkCounts, block) { UInt64($0.pointee.linkCount) }
    encodeKeys(block)
    encodeBytes(block)
    encodeLinks(block)
  }

  private mutating func encodeTimes(_ block: UnsafeBufferPointer<UInt32>) {
    var last = lastModified
    each(.modified, block) { cursor, object in
      let seconds = object.pointee.attributes.modified.seconds
      cursor.signed(seconds &- last)
      last = seconds
    }
    lastModified = last
    each(.nanoseconds, block) { $0.integer($1.pointee.attributes.modified.nanoseconds) }
    // Most often the modification time, or soon after it.
    runs(.changed, block) {
      ByteCursor.folded($0.pointee.changed.seconds &- $0.pointee.attributes.modified.seconds)
    }
    each(.changedNanoseconds, block) { cursor, object in
      cursor.spread(
        ByteCursor.folded(
          Int64(object.pointee.changed.nanoseconds) - Int64(object.pointee.attributes.modified.nanoseconds)))
    }
    let column = Int(FrameLayout.PackedColumn.drained.rawValue)
    var (cursor, run, before) = (cursors[column], runs[column], drainedBefore)
    for index in block {
      let seconds = UInt64(bitPattern: objects.baseAddress![Int(index)].drainedSeconds)
      if seconds != run.value {
        Self.endDrained(run, &before, &cursor)
        run = PackedEncoder.Run(value: seconds)
      }
      run.count += 1
    }
    (cursors[column], runs[column], drainedBefore) = (cursor, run, before)
  }

  private static func endDrained(_ run: PackedEncoder.Run, _ before: inout Int64, _ cursor: inout ByteCursor) {
    guard run.count > 0 else { return }
    let seconds = Int64(bitPattern: run.value)
    cursor.signed(seconds &- before)
    cursor.varint(run.count)
    before = seconds
  }

  private mutating func encodeKeys(_ block: UnsafeBufferPointer<UInt32>) {
    let column = Int(FrameLayout.PackedColumn.keys.rawValue)
    var (cursor, run, words, last) = (cursors[column], runs[column], words, lastKey)
    for index in block {
      let object = objects.baseAddress! + Int(index)
      guard object.pointee.hasKey else { continue }
      let (offset, count) = (Int(object.pointee.key.offset), Int(object.pointee.key.count))
      precondition(offset + count <= arena.count, "a slice lies within its arena")
      let key = arena.baseAddress! + offset
      let isFirst = count != run.value || run.count == 0
      if isFirst {
        endKeys(run, &cursor)
        run = PackedEncoder.Run(value: UInt64(count))
      }
      run.count += 1
      var place = 0
      while place + 4 <= count {
        let before = isFirst ? 0 : last.loadUnaligned(fromByteOffset: place, as: UInt32.self).littleEndian
        let word = key.loadUnaligned(fromByteOffset: place, as: UInt32.self).littleEndian
        let difference = Int32(bitPattern: word &- before)
        words.integer(UInt32(bitPattern: difference << 1) ^ UInt32(bitPattern: difference >> 31))
        place += 4
      }
      while place < count {
        words.integer(key.load(fromByteOffset: place, as: UInt8.self))
        place += 1
      }
      last = key
    }
    (cursors[column], runs[column], self.words, lastKey) = (cursor, run, words, last)
  }

  private mutating func endKeys(_ run: PackedEncoder.Run, _ cursor: inout ByteCursor) {
    guard run.count > 0 else { return }
    keyRuns.append((Int(run.value), Int(run.count)))
    cursor.varint(run.value)
    cursor.varint(run.count)
  }

  /// How long targets and extended attributes are.
  private mutating func encodeBytes(_ block: UnsafeBufferPointer<UInt32>) {
    if kinds & 1 << UInt16(FileKind.symbolicLink.rawValue) != 0 {
      var bytes = targetBytes
      each(.targets, block) { cursor, object in
        guard object.pointee.hasTarget else { return }
        cursor.varint(UInt64(object.pointee.target.count))
        bytes += Int(object.pointee.target.count)
      }
      targetBytes = bytes
    }
    let column = Int(FrameLayout.PackedColumn.extendedAttributes.rawValue)
    var (cursor, run, bytes) = (cursors[column], runs[column], extendedAttributeBytes)
    for index in block {
      let object = objects.baseAddress! + Int(index)
      guard object.pointee.hasExtendedAttributes else { continue }
      run.add(UInt64(object.pointee.extendedAttributes.count), &cursor)
      bytes += Int(object.pointee.extendedAttributes.count)
    }
    (cursors[column], runs[column], extendedAttributeBytes) = (cursor, run, bytes)
  }

  private mutating func encodeLinks(_ block: UnsafeBufferPointer<UInt32>) {
    let (parentColumn, nameColumn) = (
      Int(FrameLayout.PackedColumn.parents.rawValue), Int(FrameLayout.PackedColumn.names.rawValue)
    )
    var (parents, lengths, names, last) = (cursors[parentColumn], cursors[nameColumn], names, lastParent)
    for index in block {
      let object = objects.baseAddress! + Int(index)
      let first = Int(object.pointee.firstLink)
      precondition(first + Int(object.pointee.linkCount) <= links.count, "an object's links are in its set")
      for link in first..<first + Int(object.pointee.linkCount) {
        let link = links.baseAddress! + link
        let parent = link.pointee.parent.rawValue
        parents.spread(ByteCursor.folded(Int64(bitPattern: parent &- last)))
        last = parent
        lengths.varint(UInt64(link.pointee.name.count) << 1 | (link.pointee.isGained ? 1 : 0))
        names.append(link.pointee.name, of: arena)
      }
    }
    (cursors[parentColumn], cursors[nameColumn], self.names, lastParent) = (parents, lengths, names, last)
  }

  /// Writes the run with which a column ends.
  mutating func finish(_ column: FrameLayout.PackedColumn) {
    let place = Int(column.rawValue)
    switch column {
    case .drained: Self.endDrained(runs[place], &drainedBefore, &cursors[place])
    case .keys: endKeys(runs[place], &cursors[place])
    default: runs[place].end(&cursors[place])
    }
  }

  /// Appends the keys' words: the first bytes of all keys of a run, then the second, and so on.
  func appendPlanes(of words: UnsafeMutablePointer<UInt8>, _ frame: inout ByteWriter) {
    var words = words
    for run in keyRuns {
      var to = frame.base + frame.count
      for place in 0..<run.bytes {
        var from = words + place
        for _ in 0..<run.count {
          to.pointee = from.pointee
          to += 1
          from += run.bytes
        }
      }
      frame.advance(run.bytes * run.count)
      words += run.bytes * run.count
    }
  }

  func append(_ slice: ChangeSet.Slice, _ frame: inout ByteWriter) {
    frame.append(UnsafeRawBufferPointer(rebasing: arena[Int(slice.offset)..<Int(slice.offset + slice.count)]))
  }

  @inline(__always)
  private func each(
    _ column: FrameLayout.PackedColumn, _ block: UnsafeBufferPointer<UInt32>,
    _ body: (inout ByteCursor, UnsafePointer<ObjectChange>) -> Void
  ) {
    // A copy of its own: what is written could be the cursor itself, as far as the compiler can tell.
    var cursor = cursors[Int(column.rawValue)]
    for index in block { body(&cursor, objects.baseAddress! + Int(index)) }
    cursors[Int(column.rawValue)] = cursor
  }

  /// Values that are most often the one before.
  @inline(__always)
  private func runs(
    _ column: FrameLayout.PackedColumn, _ block: UnsafeBufferPointer<UInt32>,
    _ value: (UnsafePointer<ObjectChange>) -> UInt64
  ) {
    var run = runs[Int(column.rawValue)]
    each(column, block) { cursor, object in run.add(value(object), &cursor) }
    runs[Int(column.rawValue)] = run
  }
}

extension PackedEncoder.Run {
  /// One more.
  @inline(__always)
  mutating func add(_ next: UInt64, _ cursor: inout ByteCursor) {
    if next != value {
      end(&cursor)
      self = PackedEncoder.Run(value: next)
    }
    count += 1
  }

  @inline(__always)
  func end(_ cursor: inout ByteCursor) {
    guard count > 0 else { return }
    cursor.varint(value)
    cursor.varint(count)
  }
}
