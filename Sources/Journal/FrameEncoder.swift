import LinuxSystem
import Tree

/// Turns marks and changes into frames, and follows the chain while it does.
struct FrameEncoder: ~Copyable {
  private var plain: ByteWriter
  /// The frames, ready to be written.
  private(set) var file = ByteWriter(capacity: 1 << 20)

  private var objects = PackedEncoder()
  private let plainBytesMax: Int
  /// Objects of which the size is asked at once.
  private static let blockCount = 128
  private let level: Int32

  /// - Parameters:
  ///   - plainBytesMax: of a frame's content, unless one object alone takes more.
  ///   - level: of LZ4; 0 is the fast one.
  init(plainBytesMax: Int = FrameLayout.plainBytesMax, level: Int32 = 0) {
    self.plainBytesMax = plainBytesMax
    self.level = level
    plain = ByteWriter(capacity: plainBytesMax + 4_096)
  }

  /// Lends the frames.
  func withFile<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { body(file.bytes) }

  mutating func removeAll() { file.removeAll() }

  /// What the frames are for.
  enum Purpose {
    case commit
    /// Further parts follow.
    case checkpointPart
    /// How many entries of objects a checkpoint has.
    case checkpointEnd(UInt64)
  }

  /// Appends the frames of one commit, or of one part of a checkpoint.
  ///
  /// - Parameter header: `chain` is that of the commit before.
  /// - Returns: the chain value after it, and how many entries of objects were written.
  /// - Throws: `recordTooLarge`.
  mutating func encode(
    _ header: FrameHeader, for purpose: Purpose = .commit, marks: [Mark],
    _ changes: borrowing ChangeSet, by attribution: Attribution = Attribution()
  ) throws(JournalError) -> (chain: ChainValue, entries: UInt64) {
    let isCommit: Bool
    var isLastPart = true
    var end: UInt64? = nil
    switch purpose {
    case .commit: isCommit = true
    case .checkpointPart: (isCommit, isLastPart) = (false, false)
    case .checkpointEnd(let entries): (isCommit, end) = (false, entries)
    }
    var entries = UInt64(changes.objects.count)
    let count = changes.objects.count
    guard count <= FrameLayout.objectCountMax else {
      throw .recordTooLarge(changes.objects[FrameLayout.objectCountMax].id)
    }
    var marksBytes = 0
    for mark in marks { marksBytes += 16 + mark.payload.count }
    marksBytes += TransientSection.bound(attribution)
    precondition(marksBytes < FrameLayout.plainBytesLimit - 4_096, "marks share one frame")
    var chain = header.chain
    var next = 0
    var isFirst = true
    repeat {
      let start = next
      let before = FrameLayout.headerBytes + 1_024 + (isFirst ? marksBytes : 0)
      let (filled, bytes) = fill(with: changes, by: attribution, from: start, after: before)
      next = filled
      let own = isFirst ? marks : []
      let follows = next < count || !isLastPart
      if next == start + 1, bytes > plainBytesMax {
        let pieces = try ObjectEncoder.pieces(
          of: changes.objects[start], changes, further: isCommit ? .continued : [])
        entries += UInt64(pieces.count - 1)
        for (index, piece) in pieces.enumerated() {
          let isLast = index + 1 == pieces.count
          appendFrame(
            header, hasMore: !isLast || follows, marks: index == 0 ? own : [], piece,
            by: index == 0 ? attribution : Attribution(), 0..<1, isCommit: isCommit,
            bound: piece.links.withUnsafeBufferPointer { ObjectEncoder.bound(piece.objects[0], $0) },
            end: isLast && next == count ? end : nil, &chain)
        }
      } else {
        appendFrame(
          header, hasMore: follows, marks: own, changes, by: attribution, start..<next, isCommit: isCommit,
          bound: bytes, end: next == count ? end : nil, &chain)
      }
      isFirst = false
    } while next < count
    return (chain, entries)
  }

  /// How many of the objects one frame takes.
  ///
  /// - Parameter before: bytes of what stands before them.
  /// - Returns: the first object that does not belong to it, and at most how many bytes it has.
  private func fill(
    with changes: borrowing ChangeSet, by attribution: Attribution, from start: Int, after before: Int
  ) -> (end: Int, bytes: Int) {
    changes.objects.withUnsafeBufferPointer { objects in
      changes.links.withUnsafeBufferPointer { links in
        var (next, bytes) = (start, before)
        // Block by block while all of it fits, then one by one.
        while next < objects.count, attribution.isEmpty {
          let end = min(next + Self.blockCount, objects.count)
          let block = UnsafeBufferPointer(rebasing: objects[next..<end])
          guard let bound = ObjectEncoder.bound(block, links), bytes + bound <= plainBytesMax else { break }
          bytes += bound
          next = end
        }
        while next < objects.count {
          var bound = ObjectEncoder.bound(objects[next], links)
          if !attribution.isEmpty { bound += ProcessColumn.bound(objects[next].id, attribution) }
          if bytes + bound > plainBytesMax, next > start || bytes > 2_048 { break }
          bytes += bound
          next += 1
          if bytes > plainBytesMax { break }
        }
        return (next, bytes)
      }
    }
  }

  private mutating func appendFrame(
    _ header: FrameHeader, hasMore: Bool, marks: [Mark], _ changes: borrowing ChangeSet,
    by attribution: Attribution, _ range: Range<Int>, isCommit: Bool, bound: Int, end: UInt64?,
    _ chain: inout ChainValue
  ) {
    var header = header
    let isFirst = chain == header.chain
    header.chain = chain
    header.hasMore = hasMore
    plain.removeAll()
    header.encode(into: &plain)
    if !marks.isEmpty { encode(marks) }
    if isFirst { TransientSection.encode(attribution, into: &plain) }
    if !range.isEmpty {
      encode(changes, by: attribution, range, isFixed: !isCommit, bound: bound)
    }
    if let end {
      plain.integer(FrameLayout.Section.checkpointEnd)
      plain.integer(FrameLayout.mustUnderstand)
      plain.integer(UInt32(8))
      plain.integer(end)
    }
    chain = ChainValue(XXH64.hash(plain.bytes, seed: chain.rawValue))
    Compressor.compress(plain.bytes, into: &file, level: level)
  }

  /// - Parameter isFixed: whether the objects stay in their order: in a checkpoint a directory stands before
  ///   what is in it.
  private mutating func encode(
    _ changes: borrowing ChangeSet, by attribution: Attribution, _ range: Range<Int>, isFixed: Bool, bound: Int
  ) {
    plain.integer(FrameLayout.Section.packedObjects)
    plain.integer(FrameLayout.mustUnderstand)
    let lengthAt = plain.count
    plain.integer(UInt32(0))
    changes.objects.withUnsafeBufferPointer { all in
      changes.links.withUnsafeBufferPointer { links in
        changes.bytes.withUnsafeBytes { arena in
          objects.encode(
            UnsafeBufferPointer(rebasing: all[range]), links, arena, isFixed: isFixed, bound: bound, into: &plain)
        }
      }
    }
    if !attribution.isEmpty {
      ProcessColumn.encode(objects.written(changes.objects[range]), attribution, into: &plain)
    }
    plain.set(UInt32(plain.count - lengthAt - 4), at: lengthAt)
  }

  private mutating func encode(_ marks: [Mark]) {
    plain.integer(FrameLayout.Section.marks)
    plain.integer(UInt8(0))
    let at = plain.count
    plain.integer(UInt32(0))
    for mark in marks {
      plain.integer(mark.kind.rawValue)
      plain.reserve(10)
      plain.varint(UInt64(mark.payload.count))
      plain.append(mark.payload)
    }
    plain.set(UInt32(plain.count - at - 4), at: at)
  }
}

/// Takes frames' contents apart.
enum FrameDecoder {
  /// Appends what a frame holds to a commit.
  ///
  /// - Returns: the frame's header and, of the last frame of a checkpoint, what it says.
  static func decode(
    _ plain: UnsafeRawBufferPointer, marks: inout [Mark], changes: inout ChangeSet,
    attribution: inout Attribution
  ) throws(ByteReader.Malformed) -> (FrameHeader, end: [UInt8]?) {
    var reader = ByteReader(plain)
    let header = try FrameHeader(&reader)
    var end: [UInt8]? = nil
    while !reader.isAtEnd {
      let kind = try reader.integer(UInt8.self)
      let flags = try reader.integer(UInt8.self)
      let bytes = try reader.take(UInt64(try reader.integer(UInt32.self)))
      switch kind {
      case FrameLayout.Section.marks: try decode(bytes, into: &marks)
      case FrameLayout.Section.objects:
        try ObjectDecoder.decode(bytes, into: &changes, by: &attribution)
      case FrameLayout.Section.packedObjects:
        try PackedDecoder.decode(bytes, into: &changes, by: &attribution)
      case FrameLayout.Section.checkpointEnd: end = Array(bytes)
      case FrameLayout.Section.transients: try TransientSection.decode(bytes, into: &attribution)
      default:
        if flags & FrameLayout.mustUnderstand != 0 {
          throw ByteReader.Malformed("section \(kind) is unknown")
        }
      }
    }
    return (header, end)
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, into marks: inout [Mark]
  ) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      let kind = Mark.Kind(rawValue: try reader.integer(UInt8.self)) ?? .unknown
      let payload = try reader.take(try reader.varint())
      marks.append(Mark(kind: kind, payload: Array(payload)))
    }
  }
}
