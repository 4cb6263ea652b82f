import LinuxSystem
import Tree

/// What one sealed segment tells of: kept beside it, so that who looks for a time or an object reads only the
/// segments that can have it.
///
///      0  magic "TLJINDX1"        8
///      8  flags to be understood  4
///     12  journal                16
///     28  first sequence          8
///     36  last sequence           8
///     44  chain after the last    8
///     52  first time: seconds 8, nanoseconds 4
///     64  last time: seconds 8, nanoseconds 4
///     76  objects                 8   2^64 − 1 where there are too many to list
///     84  for each object, ascending: varint: difference to the one before
///      …  checksum                8
struct SegmentSummary {
  /// "TLJINDX1".
  private static let magic: UInt64 = 0x3158_444E_494A_4C54
  /// More are not listed: their summary would be read in full for each question.
  private static let objectCountMax = 1 << 20
  static let fileBytesMax = 84 + 10 * objectCountMax + 8
  private static let fixedBytes = 84

  var first: Sequence
  /// The last commit, whose chain value ties the summary to the segment.
  var last: Cursor
  var firstTime: Timestamp
  var lastTime: Timestamp
  /// The objects that its commits say anything of, as they stand in the file; nil for too many.
  private var objects: [UInt8]?
  private var objectCount: UInt64

  /// Reads a segment.
  ///
  /// - Parameter reader: stands before the first commit.
  /// - Returns: nil when it was asked to stop, and where the segment does not end with `end`.
  init?(
    _ reader: JournalReader, upTo end: Sequence, shouldStop: () -> Bool
  ) throws(JournalError) {
    var ids: Set<ObjectID> = []
    var isListed = true
    var commit = Commit()
    first = reader.position.sequence.next
    firstTime = .zero
    lastTime = .zero
    var isFirst = true
    while reader.position.sequence < end {
      if shouldStop() { return nil }
      guard try reader.next(&commit) else { return nil }
      if isFirst { firstTime = commit.firstTime }
      isFirst = false
      lastTime = commit.header.time
      if !isListed { continue }
      for object in commit.changes.objects { ids.insert(object.id) }
      if ids.count > Self.objectCountMax {
        isListed = false
        ids = []
      }
    }
    guard reader.position.sequence == end else { return nil }
    last = reader.position
    objects = nil
    objectCount = .max
    guard isListed else { return }
    objectCount = UInt64(ids.count)
    var list = ByteWriter(capacity: ids.count * 2 + 64)
    var previous: UInt64 = 0
    for id in ids.sorted() {
      list.reserve(10)
      list.varint(id.rawValue - previous)
      previous = id.rawValue
    }
    objects = Array(list.bytes)
  }

  func encoded() -> [UInt8] {
    var file = ByteWriter(capacity: Self.fixedBytes + (objects?.count ?? 0) + 8)
    file.integer(Self.magic)
    file.integer(UInt32(0))
    file.append(last.journal.bytes)
    file.integer(first.rawValue)
    file.integer(last.sequence.rawValue)
    file.integer(last.chain.rawValue)
    for time in [firstTime, lastTime] {
      file.integer(time.seconds)
      file.integer(time.nanoseconds)
    }
    file.integer(objectCount)
    if let objects { file.append(objects) }
    file.integer(XXH64.hash(file.bytes))
    return Array(file.bytes)
  }

  /// - Returns: nil when the bytes are no whole summary.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.fixedBytes + 8, bytes.count <= Self.fileBytesMax else { return nil }
    let decoded = bytes.withUnsafeBytes { bytes -> SegmentSummary? in
      try? SegmentSummary(decoding: bytes)
    }
    guard let decoded else { return nil }
    self = decoded
  }

  private init(decoding bytes: UnsafeRawBufferPointer) throws(ByteReader.Malformed) {
    let body = UnsafeRawBufferPointer(rebasing: bytes.dropLast(8))
    var tail = ByteReader(UnsafeRawBufferPointer(rebasing: bytes.suffix(8)))
    var reader = ByteReader(body)
    guard try reader.integer(UInt64.self) == Self.magic, try reader.integer(UInt32.self) == 0,
      try tail.integer(UInt64.self) == XXH64.hash(body)
    else { throw ByteReader.Malformed("it is no summary") }
    let journal = JournalID(Array(try reader.take(16)))
    first = Sequence(try reader.integer(UInt64.self))
    let sequence = Sequence(try reader.integer(UInt64.self))
    last = Cursor(journal: journal, sequence: sequence, chain: ChainValue(try reader.integer(UInt64.self)))
    firstTime = Timestamp(
      seconds: try reader.integer(Int64.self), nanoseconds: try reader.integer(UInt32.self))
    lastTime = Timestamp(
      seconds: try reader.integer(Int64.self), nanoseconds: try reader.integer(UInt32.self))
    objectCount = try reader.integer(UInt64.self)
    let list = try reader.take(UInt64(reader.remaining))
    guard first <= sequence, sequence.rawValue <= FrameLayout.sequenceMax else {
      throw ByteReader.Malformed("an impossible range of commits")
    }
    objects = objectCount == .max ? nil : Array(list)
  }

  /// Whether a commit of the segment may say anything of an object.
  func mayTouch(_ object: ObjectID) -> Bool {
    guard let objects else { return true }
    return objects.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      var id: UInt64 = 0
      while !reader.isAtEnd {
        // What cannot be read rules nothing out.
        guard let added = try? reader.varint() else { return true }
        id &+= added
        if id >= object.rawValue { return id == object.rawValue }
      }
      return false
    }
  }
}
