import LinuxSystem
import Tree

/// Makes one part of an index: see `IndexPart`.
struct IndexPartBuilder: ~Copyable {
  /// What a part has at least before it is ended within a segment: so much of a segment that is written
  /// may lack an index, and is read instead.
  private static let entryCountMin = 1 << 16
  private static let commitCountMin = 1 << 14
  private static let segmentBytesMin: Int64 = 4 << 20
  /// Where a block ends after the next key.
  private static let blockBytes = 1_024

  private struct Entry {
    var key: UInt64
    /// The commit's place in the part << 1, or 1 where it changes the names.
    var commit: UInt32
  }

  private let segment: Sequence
  private let before: Cursor
  private let begins: Int64
  private var last: Cursor
  private(set) var ends: Int64
  private var firstTime = Timestamp.zero
  private var lastTime = Timestamp.zero
  private var places: [(offset: UInt32, sequence: UInt32)] = []
  private var objects: [Entry] = []
  private var names: [Entry] = []

  /// - Parameters:
  ///   - before: the point at which the part begins.
  ///   - begins: where that is in the segment's file.
  init(segment: Sequence, after before: Cursor, at begins: Int64) {
    self.segment = segment
    self.before = before
    self.begins = begins
    last = before
    ends = begins
  }

  var isEmpty: Bool { places.isEmpty }

  var isFull: Bool {
    objects.count + names.count >= Self.entryCountMin || places.count >= Self.commitCountMin
      || ends - begins >= Self.segmentBytesMin
      || last.sequence.rawValue - before.sequence.rawValue > UInt64(UInt32.max / 2)
  }

  /// - Parameter end: where the commit ends in the segment's file.
  mutating func add(_ commit: Commit, upTo end: Int64) {
    let place = UInt32(places.count) << 1
    places.append(
      (
        UInt32(truncatingIfNeeded: ends - begins),
        UInt32(truncatingIfNeeded: commit.first.rawValue - before.sequence.rawValue - 1)
      ))
    if place == 0 { firstTime = commit.firstTime }
    lastTime = commit.header.time
    last = commit.cursor
    ends = end
    for transient in commit.attribution.transients {
      let key = transient.name.bytes.withUnsafeBytes { IndexKey.number(of: $0, in: transient.parent) }
      names.append(Entry(key: key, commit: place | 1))
    }
    let changes = commit.changes
    changes.bytes.withUnsafeBytes { bytes in
      for object in changes.objects {
        objects.append(Entry(key: object.id.rawValue, commit: place | (object.isOfNames ? 1 : 0)))
        for link in changes.links(of: object) {
          let name = UnsafeRawBufferPointer(
            rebasing: bytes[Int(link.name.offset)..<Int(link.name.offset + link.name.count)])
          names.append(Entry(key: IndexKey.number(of: name, in: link.parent), commit: place | 1))
        }
      }
    }
  }

  /// The part's bytes, and where the next one begins.
  consuming func finish() -> (bytes: [UInt8], last: Cursor, ends: Int64) {
    var blocks: [IndexPart.Head.Block] = []
    var content = ByteWriter(capacity: (objects.count + names.count) * 3 + 1_024)
    Self.encode(&objects, &blocks, into: &content)
    let objectBlockCount = blocks.count
    Self.encode(&names, &blocks, into: &content)
    let headBytes = IndexPart.fixedBytes + blocks.count * IndexPart.blockEntryBytes + 8
    let contentAt = headBytes + places.count * IndexPart.placeBytes
    var part = ByteWriter(capacity: contentAt + content.count)
    part.integer(IndexPart.magic)
    part.integer(UInt32(0))
    part.integer(UInt32(contentAt + content.count))
    part.append(before.journal.bytes)
    part.integer(segment.rawValue)
    part.integer(before.sequence.rawValue + 1)
    part.integer(last.sequence.rawValue)
    part.integer(before.chain.rawValue)
    part.integer(last.chain.rawValue)
    part.integer(begins)
    part.integer(ends)
    for time in [firstTime, lastTime] {
      part.integer(time.seconds)
      part.integer(time.nanoseconds)
    }
    part.integer(UInt32(places.count))
    part.integer(UInt32(objectBlockCount))
    part.integer(UInt32(blocks.count - objectBlockCount))
    part.integer(UInt32(0))
    var list = ByteWriter(capacity: places.count * IndexPart.placeBytes + 1)
    for place in places {
      list.integer(place.offset)
      list.integer(place.sequence)
    }
    part.integer(XXH64.hash(list.bytes))
    for block in blocks {
      part.integer(block.firstKey)
      part.integer(UInt32(contentAt + block.offset))
      part.integer(UInt32(block.bytes))
      part.integer(block.checksum)
    }
    part.integer(XXH64.hash(part.bytes))
    part.append(list.bytes)
    part.append(content.bytes)
    return (Array(part.bytes), last, ends)
  }

  private static func encode(
    _ entries: inout [Entry], _ blocks: inout [IndexPart.Head.Block], into content: inout ByteWriter
  ) {
    entries.sort { $0.key != $1.key ? $0.key < $1.key : $0.commit < $1.commit }
    var at = 0
    var start = content.count
    var previous: UInt64 = 0
    func end(_ content: borrowing ByteWriter) {
      guard content.count > start else { return }
      blocks[blocks.count - 1].bytes = content.count - start
      blocks[blocks.count - 1].checksum = XXH64.hash(
        UnsafeRawBufferPointer(rebasing: content.bytes[start...]))
    }
    while at < entries.count {
      let key = entries[at].key
      if at == 0 || content.count - start >= blockBytes {
        end(content)
        start = content.count
        blocks.append(IndexPart.Head.Block(firstKey: key, offset: start, bytes: 0, checksum: 0))
        previous = key
      }
      // One name may come and go within one commit: it stands there once.
      var count = 0
      var next = at
      while next < entries.count, entries[next].key == key {
        if next == at || entries[next].commit >> 1 != entries[next - 1].commit >> 1 { count += 1 }
        next += 1
      }
      content.reserve(20 + 10 * count)
      content.varint(key - previous)
      content.varint(UInt64(count))
      var commit: UInt32 = 0
      for entry in at..<next where entry == at || entries[entry].commit >> 1 != entries[entry - 1].commit >> 1 {
        content.varint(UInt64(entries[entry].commit >> 1 - commit) << 1 | UInt64(entries[entry].commit & 1))
        commit = entries[entry].commit >> 1
      }
      previous = key
      at = next
    }
    end(content)
  }
}

extension ObjectChange {
  /// Whether it makes or removes the object, or gives or takes a name.
  var isOfNames: Bool { linkCount > 0 || !facts.isDisjoint(with: [.created, .removed]) }
}
