import Glibc
import Journal
import LinuxSystem
import SystemPackage
import Tree

/// Which attributes of which objects a destination does not hold: the file `losses` in its own
/// directory.
///
/// ```
/// header    magic and version        8   "TLlosse" and 2
///           replaced: end, checksum 16   the point that this file took the place of
///           checksum                 8   XXH64 of the bytes before it
/// frame     entries                  4   1 to 65,536
///           checksum                 8   XXH64 of the entries; its seed is the checksum before
///           entries                      object (8), lost (2); the last one of an object counts
/// ```
/// In version 1 lost is one byte. Such a file is read, and written anew when something changes.
/// Integers are little-endian. The destination's log names the point, end and checksum, up to which
/// the file was whole when a plan was finished. What follows that point may be torn, and what was
/// lost with it is found again, because the plan is done again. A file that does not reach the point
/// is damaged.
struct LossRecord {
  /// How far the file is to be believed.
  struct Point: Hashable {
    var end: UInt64
    var checksum: UInt64
  }

  /// The file is not what the destination's log says that it was.
  struct Damaged: Error {}

  private(set) var losses: [ObjectID: LostAttributes] = [:]
  private var changed: Set<ObjectID> = []
  /// Entries in the file; the file is written anew when most of them are out of date.
  private var written = 0
  /// Where the next frame goes; nil when the file must be written anew.
  private var end: Point?
  /// What the log names.
  private(set) var point: Point?

  private static let magic: [UInt8] = Array("TLlosse".utf8) + [2]
  private static let headerBytes = 32
  private static let frameHeaderBytes = 12
  private static let entryBytes = 10
  /// 640 KiB: read and written at once.
  private static let frameEntriesMax = 65_536
  /// Entries out of date that are tolerated, beside as many as there are losses.
  private static let staleEntriesMax = 4_096

  // MARK: Changing

  /// Takes in what setting an object's attributes has shown.
  mutating func note(_ id: ObjectID, _ outcome: SetOutcome) {
    if outcome.lost.isEmpty, losses.isEmpty { return }
    let known = losses[id] ?? []
    let now = known.subtracting(outcome.tried).union(outcome.lost)
    if now == known { return }
    losses[id] = now.isEmpty ? nil : now
    changed.insert(id)
  }

  /// An object is gone.
  mutating func forget(_ id: ObjectID) {
    if losses.removeValue(forKey: id) != nil { changed.insert(id) }
  }

  /// Forgets all, because all will be compared.
  mutating func removeAll() {
    self = LossRecord()
  }

  // MARK: Writing

  /// Writes down what changed, before the log says that the plan is finished.
  ///
  /// - Parameter syncLog: makes durable what the log says so far; the file that this named may go
  ///   then.
  mutating func save(
    in own: Int32, syncing: Bool, syncLog: () throws(ReplayError) -> Void
  ) throws(ReplayError) {
    if changed.isEmpty { return }
    let isMostlyStale = written + changed.count > 2 * losses.count + Self.staleEntriesMax
    if end == nil || isMostlyStale {
      try syncLog()
      do { try replace(in: own) } catch { throw .destination(error, what: Self.doing) }
    } else {
      do { try append(in: own, syncing: syncing) } catch {
        throw .destination(error, what: Self.doing)
      }
    }
    changed.removeAll(keepingCapacity: true)
    point = end
  }

  private static let doing = "write down what cannot be held"

  private mutating func append(in own: Int32, syncing: Bool) throws(Errno) {
    guard var at = end else { return }
    let file = try Descriptor.open("losses", in: own, Self.writing)
    // After a failure the file is written anew.
    end = nil
    try FileBytes.setSize(file.raw, bytes: Int64(at.end))
    try Self.write(changed.sorted().map { ($0, losses[$0] ?? []) }, to: file.raw, &at)
    if syncing { try FileBytes.syncContent(file.raw) }
    written += changed.count
    end = at
  }

  private mutating func replace(in own: Int32) throws(Errno) {
    end = nil
    try? Names.removeFile("losses.new", in: own)
    let file = try Descriptor.open("losses.new", in: own, .make, mode: 0o600)
    var header = PayloadWriter()
    header.put(raw: Self.magic)
    header.put(point?.end ?? 0)
    header.put(point?.checksum ?? 0)
    let checksum = header.bytes.withUnsafeBytes { XXH64.hash($0) }
    header.put(checksum)
    try FileBytes.write(file.raw, at: 0, header.bytes)
    var at = Point(end: UInt64(Self.headerBytes), checksum: checksum)
    try Self.write(losses.keys.sorted().map { ($0, losses[$0]!) }, to: file.raw, &at)
    try FileBytes.sync(file.raw)
    try Names.rename("losses.new", in: own, to: "losses", in: own, replacing: true)
    try FileBytes.sync(own)
    written = losses.count
    end = at
  }

  private static let writing = OpenFlags(rawValue: O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)

  private static func write(
    _ entries: [(ObjectID, LostAttributes)], to file: Int32, _ at: inout Point
  ) throws(Errno) {
    var rest = entries[...]
    while !rest.isEmpty {
      let part = rest.prefix(frameEntriesMax)
      rest = rest.dropFirst(part.count)
      var body = PayloadWriter()
      for (id, lost) in part {
        body.put(id.rawValue)
        body.put(lost.rawValue)
      }
      var frame = PayloadWriter()
      frame.put(UInt32(part.count))
      let checksum = body.bytes.withUnsafeBytes { XXH64.hash($0, seed: at.checksum) }
      frame.put(checksum)
      frame.put(raw: body.bytes)
      try FileBytes.write(file, at: Int64(at.end), frame.bytes)
      at = Point(end: at.end + UInt64(frame.bytes.count), checksum: checksum)
    }
  }

  // MARK: Reading

  /// What a destination's file says.
  ///
  /// - Parameters:
  ///   - point: what the destination's log names; nil when it names none.
  ///   - isKnown: says whether an object is one at all: others are passed over.
  static func read(
    in own: Int32, point: Point?, isKnown: (ObjectID) -> Bool
  ) throws(Damaged) -> LossRecord {
    var record = LossRecord()
    var isReached = point == nil
    do throws(Errno) {
      let file = try Descriptor.open("losses", in: own, .content)
      guard try FileStatus.of(file.raw).kind == .regular else { throw Errno.invalidArgument }
      isReached = try record.read(file.raw, point, isKnown) || isReached
    } catch {
      // What cannot be read says nothing; whether that matters, the point tells.
    }
    guard isReached else { throw Damaged() }
    record.point = point
    return record
  }

  /// - Returns: whether the file reaches the point.
  private mutating func read(
    _ file: Int32, _ point: Point?, _ isKnown: (ObjectID) -> Bool
  ) throws(Errno) -> Bool {
    guard let header = try Self.readBytes(file, at: 0, count: Self.headerBytes) else {
      return false
    }
    var reader = PayloadReader(header)
    let checksum = header.withUnsafeBytes {
      XXH64.hash(UnsafeRawBufferPointer(rebasing: $0.prefix(Self.headerBytes - 8)))
    }
    guard let magic = try? reader.raw(8), magic.dropLast().elementsEqual(Self.magic.dropLast()),
      let version = magic.last, 1...2 ~= version,
      let replaced = try? Point(end: reader.number(), checksum: reader.number()),
      (try? reader.number(UInt64.self)) == checksum
    else { return false }
    var at = Point(end: UInt64(Self.headerBytes), checksum: checksum)
    var isReached = replaced == point || at == point
    while let next = try readFrame(file, at, version, isKnown) {
      at = next
      if at == point { isReached = true }
    }
    end = version == Self.magic.last ? at : nil
    return isReached
  }

  /// - Returns: the point after the frame; nil where no whole one is.
  private mutating func readFrame(
    _ file: Int32, _ at: Point, _ version: UInt8, _ isKnown: (ObjectID) -> Bool
  ) throws(Errno) -> Point? {
    let offset = Int64(at.end)
    guard let header = try Self.readBytes(file, at: offset, count: Self.frameHeaderBytes) else {
      return nil
    }
    var reader = PayloadReader(header)
    guard let count = try? Int(reader.number(UInt32.self)), 1...Self.frameEntriesMax ~= count,
      let checksum = try? reader.number(UInt64.self),
      let body = try Self.readBytes(
        file, at: offset + Int64(Self.frameHeaderBytes), count: count * (version == 1 ? 9 : Self.entryBytes)),
      body.withUnsafeBytes({ XXH64.hash($0, seed: at.checksum) }) == checksum
    else { return nil }
    var entries = PayloadReader(body)
    while let id = try? ObjectID(entries.number()),
      let lost = version == 1 ? (try? entries.number(UInt8.self)).map(UInt16.init) : try? entries.number(UInt16.self)
    {
      written += 1
      guard isKnown(id) else { continue }
      losses[id] = lost == 0 ? nil : LostAttributes(rawValue: lost)
    }
    return Point(
      end: at.end + UInt64(Self.frameHeaderBytes + body.count), checksum: checksum)
  }

  private static func readBytes(
    _ file: Int32, at offset: Int64, count: Int
  ) throws(Errno) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      var more = 0
      var failure: Errno? = nil
      bytes.withUnsafeMutableBytes { buffer in
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
        do throws(Errno) {
          more = try FileBytes.read(file, at: offset + Int64(done), into: rest)
        } catch { failure = error }
      }
      if let failure { throw failure }
      if more == 0 { return nil }
      done += more
    }
    return bytes
  }
}
