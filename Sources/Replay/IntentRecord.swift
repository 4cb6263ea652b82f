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

  /// A mark holds at most this much: well below the 1 MiB that a frame may have.
  private static let payloadBytesMax = 256 << 10

  /// The payloads of the marks.
  var payloads: [[UInt8]] {
    var payloads: [[UInt8]] = []
    var writer = PayloadWriter()
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
        writer = PayloadWriter()
      }
    }
    if payloads.isEmpty || !writer.bytes.isEmpty { payloads.append(writer.bytes) }
    return payloads
  }

  init(entries: [Entry]) { self.entries = entries }

  init(payload: [UInt8]) throws(PayloadReader.Malformed) {
    entries = []
    var reader = PayloadReader(payload)
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
