import Journal
import LinuxSystem
import Tree

/// What a destination's log says before the first verb of a plan: which objects it will touch, where
/// they are, and where they shall be.
///
/// After a kill each of them is looked for at all these names and in the park, and known again by its
/// inode and birth time; then a new plan is made from what was found.
struct IntentRecord {
  struct Entry {
    var id: ObjectID
    var isDirectory: Bool
    /// What it is at the destination now; nil when it is not there.
    var present: DestinationInode?
    /// What was staged to become it.
    var staged: DestinationInode?
    /// The time that a directory has and must have again when names in it were touched.
    var modified: Timestamp?
    var current: [Link]
    var final: [Link]
  }

  var entries: [Entry]
  /// The commit up to which the plan goes; nil when it only tries again what had failed.
  var end: Cursor?

  /// A mark holds at most this much: well below the 1 MiB that a frame may have.
  private static let payloadBytesMax = 256 << 10

  /// The payloads of the marks.
  var payloads: [[UInt8]] {
    var payloads: [[UInt8]] = []
    var writer = begin()
    for entry in entries {
      writer.put(entry.id.rawValue)
      writer.put(UInt8(entry.isDirectory ? 1 : 0))
      writer.put(entry.present)
      writer.put(entry.staged)
      writer.put(UInt8(entry.modified == nil ? 0 : 1))
      if let modified = entry.modified { writer.put(modified) }
      writer.put(entry.current)
      writer.put(entry.final)
      if writer.bytes.count > Self.payloadBytesMax {
        payloads.append(writer.bytes)
        writer = begin()
      }
    }
    payloads.append(writer.bytes)
    return payloads
  }

  /// Every payload says how far the plan goes.
  private func begin() -> PayloadWriter {
    var writer = PayloadWriter()
    writer.put(UInt8(end == nil ? 0 : 1))
    if let end {
      writer.put(raw: end.journal.bytes)
      writer.put(end.sequence.rawValue)
      writer.put(end.chain.rawValue)
    }
    return writer
  }

  init(entries: [Entry], end: Cursor? = nil) {
    self.entries = entries
    self.end = end
  }

  init(payload: [UInt8]) throws(PayloadReader.Malformed) {
    entries = []
    var reader = PayloadReader(payload)
    if try reader.number(UInt8.self) != 0 {
      let journal = JournalID(Array(try reader.raw(16)))
      let sequence = Sequence(try reader.number(UInt64.self))
      end = Cursor(
        journal: journal, sequence: sequence, chain: ChainValue(try reader.number(UInt64.self)))
    }
    while !reader.isAtEnd {
      let id = try reader.id()
      let isDirectory = try reader.number(UInt8.self) != 0
      let present = try reader.place()
      let staged = try reader.place()
      let modified = try reader.number(UInt8.self) != 0 ? try reader.time() : nil
      entries.append(
        Entry(
          id: id, isDirectory: isDirectory, present: present, staged: staged, modified: modified,
          current: try reader.links(), final: try reader.links()))
    }
  }
}
