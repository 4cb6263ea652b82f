import Fanotify
import LinuxSystem

/// Writes events as Linux does, so that they are read by the same code: see `Event` for the layout.
struct EventBytes: ~Copyable {
  private let start = UnsafeMutableRawPointer.allocate(byteCount: 2_048, alignment: 8)
  private var count = 0

  deinit { start.deallocate() }

  /// The number of each type of record.
  private enum Record {
    static let object: UInt8 = 1
    static let directoryName: UInt8 = 2
    static let oldDirectoryName: UInt8 = 10
    static let newDirectoryName: UInt8 = 12
  }

  /// Writes one event and lends it.
  mutating func with(
    _ event: SimulatedEvent, _ filesystem: SimulatedFilesystem,
    _ body: (borrowing Event) -> Void
  ) {
    count = 24
    if event.newDirectory != .none {
      append(Record.oldDirectoryName, filesystem.key(event.directory), event.name)
      append(Record.newDirectoryName, filesystem.key(event.newDirectory), event.newName)
    } else if event.directory != .none {
      append(Record.directoryName, filesystem.key(event.directory), event.name)
    }
    if event.object != .none {
      append(Record.object, filesystem.key(event.object), SimulatedNames.none)
    }
    start.storeBytes(of: UInt32(count), as: UInt32.self)
    start.storeBytes(of: 3, toByteOffset: 4, as: UInt8.self)
    start.storeBytes(of: 0, toByteOffset: 5, as: UInt8.self)
    start.storeBytes(of: 24, toByteOffset: 6, as: UInt16.self)
    start.storeBytes(of: event.mask.rawValue, toByteOffset: 8, as: UInt64.self)
    start.storeBytes(of: -1, toByteOffset: 16, as: Int32.self)
    start.storeBytes(of: event.process, toByteOffset: 20, as: Int32.self)
    var cursor = EventCursor(UnsafeRawBufferPointer(start: start, count: count).bytes)
    do {
      while let event = try cursor.next() { body(event) }
    } catch {
      preconditionFailure("the simulated kernel writes whole events")
    }
  }

  private mutating func append(_ type: UInt8, _ key: ObjectKey, _ name: UInt8) {
    let record = start + count
    record.storeBytes(of: type, as: UInt8.self)
    record.storeBytes(of: 0, toByteOffset: 1, as: UInt8.self)
    record.storeBytes(of: 0x11, toByteOffset: 4, as: UInt64.self)
    record.storeBytes(of: UInt32(key.byteCount), toByteOffset: 12, as: UInt32.self)
    record.storeBytes(of: key.type, toByteOffset: 16, as: Int32.self)
    var at = 20
    key.withBytes { bytes in
      (record + at).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
      at += bytes.count
    }
    if name != SimulatedNames.none {
      let text = name == SimulatedNames.dot ? [0x2e] : SimulatedNames.all[Int(name)]
      text.withUnsafeBytes { bytes in
        (record + at).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        at += bytes.count
      }
      record.storeBytes(of: 0, toByteOffset: at, as: UInt8.self)
      at += 1
    }
    while at & 3 != 0 {
      record.storeBytes(of: 0, toByteOffset: at, as: UInt8.self)
      at += 1
    }
    record.storeBytes(of: UInt16(at), toByteOffset: 2, as: UInt16.self)
    count += at
  }
}
