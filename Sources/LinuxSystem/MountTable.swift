import Glibc
import SystemPackage

/// A mounted filesystem, as this process sees it. See proc_pid_mountinfo(5).
public struct MountEntry: Hashable, Sendable {
  /// Names the mount while it is there; another may have the number later.
  public var id: UInt64
  /// Where it is mounted.
  public var path: [UInt8]
  /// The filesystem's type, as mount(8) names it.
  public var type: [UInt8]
  /// The mount, or the whole filesystem, cannot be written to.
  public var isReadOnly: Bool
  /// Names the mount for ever; 0 where it was not asked for, or something else stands on it. See ``mountIdentity(_:)``.
  public var identity: UInt64 = 0

  package init(id: UInt64, path: [UInt8], type: [UInt8], isReadOnly: Bool) {
    self.id = id
    self.path = path
    self.type = type
    self.isReadOnly = isReadOnly
  }
}

/// The kernel's list of what is mounted, and when it changes.
public final class MountTable: Sendable {
  private let file: Descriptor
  /// Machines with ten thousand containers have less.
  private static let byteCountMax = 64 << 20

  /// - Throws: `ENOENT` where /proc is not mounted.
  public init() throws(Errno) {
    file = try Descriptor.open(path: "/proc/self/mountinfo", O_RDONLY)
  }

  /// A descriptor that poll(2) gives POLLPRI and POLLERR for, once for each time that the list was
  /// changed since: a mount came, went, was moved, or got other options.
  public var raw: Int32 { file.raw }

  /// What is mounted now, oldest first.
  public func entries() throws(Errno) -> [MountEntry] {
    Self.parse(try FileBytes.readAll(file.raw, limit: Self.byteCountMax))
  }

  /// Lines that are none are passed over.
  package static func parse(_ text: [UInt8]) -> [MountEntry] {
    text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard fields.count >= 10, let id = UInt64(String(decoding: fields[0], as: UTF8.self)),
        let dash = fields[6...].firstIndex(of: [UInt8(ascii: "-")]), fields.count > dash + 3
      else { return nil }
      return MountEntry(
        id: id, path: unescaped(fields[4]), type: Array(fields[dash + 1]),
        isReadOnly: isReadOnly(fields[5]) || isReadOnly(fields[dash + 3]))
    }
  }

  private static func isReadOnly(_ options: ArraySlice<UInt8>) -> Bool {
    options.split(separator: UInt8(ascii: ",")).contains(Array("ro".utf8)[...])
  }

  /// Space, tab, newline and backslash stand as a backslash and three octal digits.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var at = field.startIndex
    while at < field.endIndex {
      let digits = field[at...].dropFirst().prefix(3)
      if field[at] == UInt8(ascii: "\\"), digits.count == 3,
        let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(byte)
        at += 4
      } else {
        bytes.append(field[at])
        at += 1
      }
    }
    return bytes
  }
}
