import LinuxSystem
import Tree

/// The column that says who changed the objects of a section. A reader that does not know it passes
/// over it.
///
///     count          varint  processes; for each:
///       length       varint  of what follows; what is beyond the fields below is for later versions
///       pid          varint
///       standing     1
///       origin       1
///       start        varint  clock ticks since boot
///       parent       varint  pid
///       user         varint  one more than its number; 0 unknown
///       login user   varint  likewise
///       texts        4 ×     varint length, bytes: program, name, arguments, control group
///     for every object of the section, its acts:
///       count        varint; for each:
///         process    varint  its place above
///         deeds      varint
enum ProcessColumn {
  typealias Malformed = ByteReader.Malformed

  /// What the acts of one object take at most.
  static let objectBytesMax =
    (Attribution.actCountMax + 1)
    * (2 * ProcessRecord.pathBytesMax + ProcessRecord.argumentBytesMax + 1_024)

  /// An upper bound of what the acts of an object take.
  static func bound(_ object: ObjectID, _ attribution: Attribution) -> Int {
    var bytes = 10
    for act in attribution[object] {
      bytes += 100 + attribution.processes[act.process].residentBytes
    }
    return bytes
  }

  /// Appends the column for some objects; nothing where nothing is known of any.
  static func encode(
    _ objects: [ObjectChange], _ attribution: Attribution, into frame: inout ByteWriter
  ) {
    var places: [Int: Int] = [:]
    var used: [Int] = []
    for object in objects {
      for act in attribution[object.id] where places[act.process] == nil {
        places[act.process] = used.count
        used.append(act.process)
      }
    }
    guard !used.isEmpty else { return }
    var column = ByteWriter(capacity: 4_096)
    encode(used.map { attribution.processes[$0] }, into: &column)
    for object in objects { encode(attribution[object.id], places, into: &column) }
    frame.reserve(16)
    frame.integer(FrameLayout.processesColumn | FrameLayout.mayPassOver)
    frame.varint(UInt64(column.count))
    frame.append(column.bytes)
  }

  /// Appends the table of processes.
  static func encode(_ processes: [ProcessRecord], into column: inout ByteWriter) {
    column.reserve(10)
    column.varint(UInt64(processes.count))
    var record = ByteWriter(capacity: 1_024)
    for process in processes {
      record.removeAll()
      encode(process, into: &record)
      column.reserve(10 + record.count)
      column.varint(UInt64(record.count))
      column.append(record.bytes)
    }
  }

  /// Appends what was done to an object.
  ///
  /// - Parameter places: of the processes in the table.
  static func encode(
    _ acts: ArraySlice<Attribution.Act>, _ places: [Int: Int], into column: inout ByteWriter
  ) {
    column.reserve(10 + acts.count * 20)
    column.varint(UInt64(acts.count))
    for act in acts {
      column.varint(UInt64(places[act.process]!))
      column.varint(UInt64(act.deeds.rawValue))
    }
  }

  private static func encode(_ process: ProcessRecord, into record: inout ByteWriter) {
    record.reserve(64)
    record.varint(UInt64(UInt32(bitPattern: process.pid)))
    record.integer(process.standing.rawValue)
    record.integer(process.origin.rawValue)
    record.varint(process.startTicks)
    record.varint(UInt64(UInt32(bitPattern: process.parent)))
    record.varint(process.uid.map { UInt64($0) + 1 } ?? 0)
    record.varint(process.loginUID.map { UInt64($0) + 1 } ?? 0)
    for text in [
      process.executable, process.commandName, process.arguments, process.controlGroup,
    ] {
      record.reserve(10 + text.count)
      record.varint(UInt64(text.count))
      record.append(text)
    }
  }

  /// Takes in what a column says of the objects of its section.
  static func decode(
    _ column: UnsafeRawBufferPointer, _ objects: ArraySlice<ObjectChange>,
    into attribution: inout Attribution
  ) throws(Malformed) {
    var reader = ByteReader(column)
    let table = try decodeTable(&reader, into: &attribution)
    var acts: [Attribution.Act] = []
    for object in objects {
      try decodeActs(&reader, of: table, &acts)
      attribution.set(acts, of: object.id)
    }
    guard reader.isAtEnd else { throw Malformed("the column of processes is too long") }
  }

  /// Takes in a table of processes.
  ///
  /// - Returns: their places.
  static func decodeTable(
    _ reader: inout ByteReader, into attribution: inout Attribution
  ) throws(Malformed) -> Range<Int> {
    let first = attribution.processes.count
    let count = try reader.varint()
    guard count <= UInt64(reader.remaining) else { throw Malformed("more processes than bytes") }
    for _ in 0..<count {
      _ = attribution.add(try process(try reader.take(try reader.varint())))
    }
    return first..<first + Int(count)
  }

  /// Reads what was done to an object.
  static func decodeActs(
    _ reader: inout ByteReader, of table: Range<Int>, _ acts: inout [Attribution.Act]
  ) throws(Malformed) {
    acts.removeAll(keepingCapacity: true)
    for _ in 0..<(try small(&reader, below: UInt64(reader.remaining) + 1)) {
      let process = Int(try small(&reader, below: UInt64(table.count)))
      let deeds = Deeds(rawValue: UInt16(truncatingIfNeeded: try reader.varint()))
      acts.append(Attribution.Act(process: table.lowerBound + process, deeds: deeds))
    }
  }

  private static func process(_ bytes: UnsafeRawBufferPointer) throws(Malformed) -> ProcessRecord {
    var reader = ByteReader(bytes)
    let pid = Int32(truncatingIfNeeded: try reader.varint())
    // Of what a later version may say here, nothing more is known.
    let standing = ProcessRecord.Standing(rawValue: try reader.integer(UInt8.self)) ?? .gone
    let origin = ProcessRecord.Origin(rawValue: try reader.integer(UInt8.self)) ?? .report
    var process = ProcessRecord(pid: pid, standing: standing, origin: origin)
    process.startTicks = try reader.varint()
    process.parent = Int32(truncatingIfNeeded: try reader.varint())
    process.uid = try user(&reader)
    process.loginUID = try user(&reader)
    process.executable = try text(&reader)
    process.commandName = try text(&reader)
    process.arguments = try text(&reader)
    process.controlGroup = try text(&reader)
    return process
  }

  private static func user(_ reader: inout ByteReader) throws(Malformed) -> UInt32? {
    let value = try small(&reader, below: 1 << 32)
    return value == 0 ? nil : UInt32(value - 1)
  }

  private static func text(_ reader: inout ByteReader) throws(Malformed) -> [UInt8] {
    let bytes = try reader.take(try reader.varint())
    guard bytes.count <= ProcessRecord.pathBytesMax else {
      throw Malformed("an impossible text of a process")
    }
    return Array(bytes)
  }

  private static func small(
    _ reader: inout ByteReader, below limit: UInt64
  ) throws(Malformed) -> UInt64 {
    let value = try reader.varint()
    guard value < limit else { throw Malformed("a number of a process is too large") }
    return value
  }
}
