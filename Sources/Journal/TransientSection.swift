import LinuxSystem
import Tree

/// The section that says what came and went between two commits, and who did it. A reader that does not
/// know it passes over it.
///
///     a table of processes, as `ProcessColumn` has it
///     count          varint  objects; for each:
///       parent       varint  the directory
///       name         varint length << 1, or 1 of a directory; bytes
///       acts         as `ProcessColumn` has them
enum TransientSection {
  typealias Malformed = ByteReader.Malformed

  /// An upper bound of what it takes.
  static func bound(_ attribution: Attribution) -> Int {
    guard !attribution.transients.isEmpty else { return 0 }
    var bytes = 64
    var used: Set<Int> = []
    for transient in attribution.transients {
      let acts = attribution[transient]
      bytes += 300 + acts.count * 20
      for act in acts where used.insert(act.process).inserted {
        bytes += 100 + attribution.processes[act.process].residentBytes
      }
    }
    return bytes
  }

  /// Appends the section; nothing where nothing came and went.
  static func encode(_ attribution: Attribution, into frame: inout ByteWriter) {
    guard !attribution.transients.isEmpty else { return }
    var places: [Int: Int] = [:]
    var used: [Int] = []
    for transient in attribution.transients {
      for act in attribution[transient] where places[act.process] == nil {
        places[act.process] = used.count
        used.append(act.process)
      }
    }
    frame.integer(FrameLayout.Section.transients)
    frame.integer(UInt8(0))
    let lengthAt = frame.count
    frame.integer(UInt32(0))
    ProcessColumn.encode(used.map { attribution.processes[$0] }, into: &frame)
    frame.reserve(10)
    frame.varint(UInt64(attribution.transients.count))
    for transient in attribution.transients {
      frame.reserve(20)
      frame.varint(transient.parent.rawValue)
      frame.varint(UInt64(transient.name.bytes.count) << 1 | (transient.isDirectory ? 1 : 0))
      frame.append(transient.name.bytes)
      ProcessColumn.encode(attribution[transient], places, into: &frame)
    }
    frame.set(UInt32(frame.count - lengthAt - 4), at: lengthAt)
  }

  /// Takes in what a section says.
  static func decode(
    _ section: UnsafeRawBufferPointer, into attribution: inout Attribution
  ) throws(Malformed) {
    var reader = ByteReader(section)
    let table = try ProcessColumn.decodeTable(&reader, into: &attribution)
    var acts: [Attribution.Act] = []
    let count = try reader.varint()
    guard count <= UInt64(Attribution.transientCountMax) else { throw Malformed("too much came and went") }
    for _ in 0..<count {
      let parent = try reader.varint()
      let kind = try reader.varint()
      let name = try reader.take(kind >> 1)
      guard parent >= 1, parent <= ObjectID.last.rawValue, Name.isLegal(name) else {
        throw Malformed("an illegal name of what came and went")
      }
      try ProcessColumn.decodeActs(&reader, of: table, &acts)
      attribution.addTransient(
        Name(Array(name)), in: ObjectID(parent), isDirectory: kind & 1 == 1, acts)
    }
    guard reader.isAtEnd else { throw Malformed("the section of what came and went is too long") }
  }
}
