import LinuxSystem
import Tree

/// Turns marks and changes into frames, and follows the chain while it does.
struct FrameEncoder: ~Copyable {
  private var plain = ByteWriter(capacity: FrameLayout.plainBytesMax + 4_096)
  /// The frames, ready to be written.
  private(set) var file = ByteWriter(capacity: 1 << 20)

  /// Lends the frames.
  func withFile<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { body(file.bytes) }

  mutating func removeAll() { file.removeAll() }

  /// Appends the frames of one commit, or of one part of a checkpoint.
  ///
  /// - Parameters:
  ///   - header: `chain` is that of the commit before.
  ///   - isEnd: whether the last frame says that nothing follows.
  /// - Returns: the chain value after it.
  /// - Throws: `recordTooLarge`.
  mutating func encode(
    _ header: FrameHeader, marks: [Mark], _ changes: borrowing ChangeSet, isEnd: Bool = true,
    extra: (kind: UInt8, bytes: [UInt8])? = nil
  ) throws(JournalError) -> ChainValue {
    var chain = header.chain
    var next = 0
    let count = changes.objects.count
    var isFirst = true
    repeat {
      let start = next
      var bytes = FrameLayout.headerBytes + 1_024
      if isFirst { for mark in marks { bytes += 16 + mark.payload.count } }
      while next < count {
        let bound = ObjectEncoder.bound(changes.objects[next], changes)
        if bytes + bound > FrameLayout.plainBytesMax, next > start || bytes > 2_048 { break }
        guard bound < FrameLayout.plainBytesLimit - 4_096 else {
          throw .recordTooLarge(changes.objects[next].id)
        }
        bytes += bound
        next += 1
        if bytes > FrameLayout.plainBytesMax { break }
      }
      var part = header
      part.chain = chain
      part.hasMore = next < count || !isEnd
      plain.removeAll()
      part.encode(into: &plain)
      if isFirst, !marks.isEmpty { encode(marks) }
      if next > start { ObjectEncoder.encode(changes, start..<next, into: &plain) }
      if next == count, let extra {
        plain.integer(extra.kind)
        plain.integer(FrameLayout.mustUnderstand)
        plain.integer(UInt32(extra.bytes.count))
        plain.append(extra.bytes)
      }
      chain = ChainValue(XXH64.hash(plain.bytes, seed: chain.rawValue))
      Compressor.compress(plain.bytes, into: &file)
      isFirst = false
    } while next < count
    return chain
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
    _ plain: UnsafeRawBufferPointer, marks: inout [Mark], changes: inout ChangeSet
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
      case FrameLayout.Section.objects: try ObjectDecoder.decode(bytes, into: &changes)
      case FrameLayout.Section.checkpointEnd: end = Array(bytes)
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
