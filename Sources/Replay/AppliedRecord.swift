import LinuxSystem
import SystemPackage
import Tree

/// What a destination's log says after a plan: the state of the destination.
///
/// That is the last commit whose change it holds, and the objects of which it does not hold what that
/// commit says, with where they are instead.
struct AppliedRecord {
  struct Entry {
    var id: ObjectID
    var isDirectory: Bool
    var reason: ReplayException.Reason?
    var copied: ContentStamp?
    /// Its names at the destination.
    var current: [Link]
    /// The rest of its work, as far as the journal cannot tell it.
    var work: OwedObject.Work
    /// See `Replayer`.
    var heldUpTo: Sequence?
  }

  /// Journal number (16 bytes), sequence and chain value of the commit.
  var journal: [UInt8]
  var sequence: UInt64
  var chain: UInt64
  /// Whether what was here before is still being taken over: then nothing of this counts.
  var isAdopting: Bool
  /// How far the record of what cannot be held reached; nil while there is none.
  var lossPoint: LossRecord.Point?
  var entries: [Entry]

  /// Bits of the byte after the cursor.
  private static let adoptingBit: UInt8 = 1
  private static let lossBit: UInt8 = 2
  /// Entries say up to which commit their content is held.
  private static let heldBit: UInt8 = 4
  private static let payloadBytesMax = 256 << 10

  /// The payloads of the marks; each has the whole cursor.
  var payloads: [[UInt8]] {
    var payloads: [[UInt8]] = []
    var writer = begin()
    for entry in entries {
      writer.put(entry.id.rawValue)
      writer.put(UInt8(entry.isDirectory ? 1 : 0))
      let (kind, code): (UInt8, Int32) =
        switch entry.reason {
        case nil: (0, 0)
        case .pending: (1, 0)
        case .newer: (2, 0)
        case .failed(let errno): (3, errno.rawValue)
        case .unreadable(let errno): (4, errno.rawValue)
        }
      writer.put(kind)
      writer.put(code)
      writer.put(UInt8(entry.copied == nil ? 0 : 1))
      if let copied = entry.copied {
        writer.put(copied.sizeBytes)
        writer.put(copied.modified)
        writer.put(copied.changed)
      }
      writer.put(entry.work.rawValue)
      writer.put(UInt8(entry.heldUpTo == nil ? 0 : 1))
      if let held = entry.heldUpTo { writer.put(held.rawValue) }
      writer.put(entry.current)
      if writer.bytes.count > Self.payloadBytesMax {
        payloads.append(writer.bytes)
        writer = begin()
      }
    }
    payloads.append(writer.bytes)
    return payloads
  }

  private func begin() -> PayloadWriter {
    var writer = PayloadWriter()
    writer.put(raw: journal)
    writer.put(sequence)
    writer.put(chain)
    writer.put(Self.heldBit | (isAdopting ? Self.adoptingBit : 0) | (lossPoint == nil ? 0 : Self.lossBit))
    if let lossPoint {
      writer.put(lossPoint.end)
      writer.put(lossPoint.checksum)
    }
    return writer
  }

  init(
    journal: [UInt8], sequence: UInt64, chain: UInt64, isAdopting: Bool,
    lossPoint: LossRecord.Point?, entries: [Entry]
  ) {
    self.journal = journal
    self.sequence = sequence
    self.chain = chain
    self.isAdopting = isAdopting
    self.lossPoint = lossPoint
    self.entries = entries
  }

  init(payload: [UInt8]) throws(PayloadReader.Malformed) {
    var reader = PayloadReader(payload)
    journal = Array(try reader.raw(16))
    sequence = try reader.number()
    chain = try reader.number()
    let bits = try reader.number(UInt8.self)
    isAdopting = bits & Self.adoptingBit != 0
    if bits & Self.lossBit != 0 {
      lossPoint = LossRecord.Point(end: try reader.number(), checksum: try reader.number())
    }
    entries = []
    while !reader.isAtEnd {
      let id = try reader.id()
      let isDirectory = try reader.number(UInt8.self) != 0
      let kind = try reader.number(UInt8.self)
      let code = Errno(rawValue: try reader.number(Int32.self))
      let reason: ReplayException.Reason? =
        switch kind {
        case 0: nil
        case 1: .pending
        case 2: .newer
        case 3: .failed(code)
        case 4: .unreadable(code)
        default: throw PayloadReader.Malformed()
        }
      var copied: ContentStamp? = nil
      if try reader.number(UInt8.self) != 0 {
        copied = ContentStamp(
          sizeBytes: try reader.number(), modified: try reader.time(), changed: try reader.time())
      }
      let work = OwedObject.Work(rawValue: try reader.number())
      var held: Sequence? = nil
      if bits & Self.heldBit != 0, try reader.number(UInt8.self) != 0 {
        held = Sequence(try reader.number(UInt64.self))
      }
      entries.append(
        Entry(
          id: id, isDirectory: isDirectory, reason: reason, copied: copied,
          current: try reader.links(), work: work, heldUpTo: held))
    }
  }
}
