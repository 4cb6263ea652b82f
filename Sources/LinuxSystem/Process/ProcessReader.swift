import CLinux
import Glibc
import SystemPackage

/// Reads what /proc says of a process.
///
/// All is read through one directory of /proc, which stays that of its process: once that is waited
/// for, reading fails, whoever has the number then. So it is enough to find out once, after the
/// directory was opened, that the number was still that of the process meant.
public struct ProcessReader: ~Copyable {
  private let buffer: UnsafeMutableRawBufferPointer

  /// Holds /proc/PID/status, which is the longest file that must be whole: 1 to 2 KiB.
  private static let bufferBytes = 8_192

  public init() {
    buffer = .allocate(byteCount: Self.bufferBytes, alignment: 8)
  }

  deinit { buffer.deallocate() }

  /// Reads all that can be read of a process.
  ///
  /// - Parameter descriptor: of the process, from pidfd_open(2) or the like; nil takes the process that
  ///   has the number now.
  /// - Returns: nil when nothing is left of it.
  public borrowing func read(_ pid: Int32, descriptor: Int32?) -> ProcessRecord? {
    guard let directory = open(pid) else { return nil }
    let raw = directory.raw
    if let descriptor, !Self.holdsItsNumber(descriptor) { return nil }
    var record = ProcessRecord(pid: pid, standing: .alive)
    // What goes first when a process ends is read first.
    record.executable = link(raw, "exe")
    record.arguments = Array(bytes(raw, "cmdline").prefix(ProcessRecord.argumentBytesMax))
    record.uid = Self.parseOwner(bytes(raw, "status"))
    record.loginUID = Self.parseNumber(bytes(raw, "loginuid"))
    record.controlGroup = Self.parseControlGroup(bytes(raw, "cgroup"))
    guard let stat = Self.parseStat(bytes(raw, "stat")) else {
      record.standing = .exited
      return record.isNamed ? record : nil
    }
    record.commandName = stat.commandName
    record.parent = stat.parent
    record.startTicks = stat.startTicks
    if stat.hasEnded { record.standing = .exited }
    return record
  }

  /// When the process that has a number now was forked; nil when there is none.
  public borrowing func startTicks(_ pid: Int32) -> UInt64? {
    guard let directory = open(pid) else { return nil }
    return Self.parseStat(bytes(directory.raw, "stat"))?.startTicks
  }

  /// The program that a process runs now; empty when it has ended.
  public borrowing func executable(_ pid: Int32) -> [UInt8] {
    guard let directory = open(pid) else { return [] }
    return link(directory.raw, "exe")
  }

  private borrowing func open(_ pid: Int32) -> Descriptor? {
    let raw = cl_open_process(pid)
    return raw >= 0 ? Descriptor(owning: raw) : nil
  }

  /// Whether the process of a pidfd has not been waited for: until then nobody else gets its number.
  private static func holdsItsNumber(_ descriptor: Int32) -> Bool {
    let result = cl_pidfd_check(descriptor)
    return result == 0 || result == -EPERM
  }

  private borrowing func link(_ directory: Int32, _ name: StaticString) -> [UInt8] {
    let count = cl_process_link(
      directory, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
      buffer.baseAddress!, ProcessRecord.pathBytesMax)
    return count > 0 ? Array(buffer.prefix(count)) : []
  }

  private borrowing func bytes(_ directory: Int32, _ name: StaticString) -> ArraySlice<UInt8> {
    let count = cl_process_file(
      directory, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
      buffer.baseAddress!, buffer.count)
    return count > 0 ? Array(buffer.prefix(count))[...] : []
  }
}

extension Descriptor {
  /// A descriptor of a process, by which its number can be told from the same number used again.
  /// See pidfd_open(2).
  public static func open(process pid: Int32) throws(Errno) -> Descriptor {
    Descriptor(owning: try retrying { cl_pidfd_open(pid) })
  }
}

extension ProcessReader {
  /// What /proc/PID/stat says: the name in brackets may itself hold brackets and spaces.
  package static func parseStat(
    _ text: ArraySlice<UInt8>
  ) -> (commandName: [UInt8], hasEnded: Bool, parent: Int32, startTicks: UInt64)? {
    guard let opening = text.firstIndex(of: UInt8(ascii: "(")),
      let closing = text.lastIndex(of: UInt8(ascii: ")")), opening < closing
    else { return nil }
    let name = Array(text[(opening + 1)..<closing])
    let fields = text[(closing + 1)...].split(separator: UInt8(ascii: " "))
    // state, ppid, … and as the 22nd of all, the start.
    guard fields.count >= 20, let state = fields[0].first, let parent = number(fields[1]),
      let start = number(fields[19])
    else { return nil }
    let hasEnded = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
    return (name, hasEnded, Int32(truncatingIfNeeded: parent), start)
  }

  /// The user for file access, which is the last of the four in /proc/PID/status.
  package static func parseOwner(_ text: ArraySlice<UInt8>) -> UInt32? {
    let key = Array("Uid:\t".utf8)
    for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: key) {
      let fields = line.dropFirst(key.count).split(separator: UInt8(ascii: "\t"))
      return fields.last.flatMap(number).flatMap { UInt32(exactly: $0) }
    }
    return nil
  }

  /// A user in /proc/PID/loginuid; the largest number stands for none.
  package static func parseNumber(_ text: ArraySlice<UInt8>) -> UInt32? {
    let digits = text.prefix { $0 >= 0x30 && $0 <= 0x39 }
    return number(digits).flatMap { UInt32(exactly: $0) }.flatMap { $0 == .max ? nil : $0 }
  }

  /// The control group in the unified hierarchy; where everything is in its root, in systemd's own.
  package static func parseControlGroup(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var found: [UInt8] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isUnified = fields[0].elementsEqual([UInt8(ascii: "0")]) && fields[1].isEmpty
      guard isUnified || fields[1].elementsEqual("name=systemd".utf8) else { continue }
      if found.count <= 1 || isUnified && fields[2].count > 1 { found = Array(fields[2]) }
    }
    return Array(found.prefix(ProcessRecord.pathBytesMax))
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard !digits.isEmpty, digits.count < 20 else { return nil }
    var value: UInt64 = 0
    for byte in digits {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value &* 10 &+ UInt64(byte - 0x30)
    }
    return value
  }
}
