import Fanotify
import Glibc
import LinuxSystem

/// Events written byte by byte, as Linux would write them or as it never would.
struct CraftedEvents {
  var bytes: [UInt8] = []

  /// Adds an event with these records, each of which begins with its header.
  mutating func add(
    mask: EventMask, pid: Int32 = 7, version: UInt8 = 3, headerBytes: UInt16 = 24,
    lengthOffBy: Int = 0, _ records: [[UInt8]] = []
  ) {
    let padding = Int(headerBytes) - 24
    let length = 24 + max(padding, 0) + records.reduce(0) { $0 + $1.count }
    append(UInt32(length + lengthOffBy))
    append(version)
    append(UInt8(0))
    append(headerBytes)
    append(mask.rawValue)
    append(Int32(-1))
    append(pid)
    bytes += [UInt8](repeating: 0xEE, count: max(padding, 0))
    bytes += records.joined()
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}

/// Types of records, as fanotify(7) numbers them.
enum RecordType {
  static let object: UInt8 = 1
  static let directoryName: UInt8 = 2
  static let directory: UInt8 = 3
  static let process: UInt8 = 4
  static let error: UInt8 = 5
  static let range: UInt8 = 6
  static let mount: UInt8 = 7
  static let oldDirectoryName: UInt8 = 10
  static let newDirectoryName: UInt8 = 12
}

/// A record with any content; its length is what it holds unless `length` lies.
func record(_ type: UInt8, _ content: [UInt8], length: Int? = nil) -> [UInt8] {
  let length = UInt16(length ?? content.count + 4)
  return [type, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + content
}

/// A record with a handle of filesystem 0x22_0000_0011, and perhaps a name.
func record(
  _ type: UInt8, handle: [UInt8], handleType: Int32 = 1, handleBytes: UInt32? = nil,
  name: [UInt8]? = nil
) -> [UInt8] {
  var content: [UInt8] = [0x11, 0, 0, 0, 0x22, 0, 0, 0]
  withUnsafeBytes(of: (handleBytes ?? UInt32(handle.count)).littleEndian) { content += $0 }
  withUnsafeBytes(of: handleType.littleEndian) { content += $0 }
  content += handle
  if let name { content += name + [0] }
  while content.count % 4 != 0 { content.append(0) }
  return record(type, content)
}

func key(_ handle: [UInt8], type: Int32 = 1) -> ObjectKey {
  handle.withUnsafeBytes { ObjectKey(type: type, bytes: $0) }
}

/// Memory that ends where an unreadable page begins: one byte too far is a crash.
final class GuardedMemory {
  private let start: UnsafeMutableRawPointer
  private let bytesMax: Int
  private static let pageBytes = 4096

  init(bytesMax: Int) {
    let pages = (bytesMax + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
    start = mmap(
      nil, pages + Self.pageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    precondition(start != MAP_FAILED)
    precondition(mprotect(start + pages, Self.pageBytes, PROT_NONE) == 0)
    self.bytesMax = pages
  }

  deinit { munmap(start, bytesMax + Self.pageBytes) }

  /// What a cursor finds in `bytes`, placed right before the unreadable page.
  func seen(
    _ bytes: some Collection<UInt8>, errorNumbers: Bool = false
  ) -> (events: [SeenEvent], error: EventFormatError?) {
    let place = UnsafeMutableRawBufferPointer(
      start: start + bytesMax - bytes.count, count: bytes.count)
    place.copyBytes(from: bytes)
    return FanotifyTests.seen(
      UnsafeRawBufferPointer(place).bytes, errorNumbers: errorNumbers)
  }
}
