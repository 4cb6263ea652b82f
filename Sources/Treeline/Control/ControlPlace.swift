import Glibc
import LinuxSystem
import SystemPackage

/// Where the control socket of a journal is.
///
/// The name is made from the device and inode number of the journal's directory, so every way to
/// write its path leads to the same socket: `/run/treeline/DEVICE-INODE.sock`, both in hexadecimal.
/// Users other than root have theirs under `$XDG_RUNTIME_DIR/treeline`.
public enum ControlPlace {
  static let suffix = Array(".sock".utf8)

  /// The directory for sockets of programs that this user runs.
  public static var ownDirectory: [UInt8] {
    if geteuid() == 0 { return Array("/run/treeline".utf8) }
    if let runtime = getenv("XDG_RUNTIME_DIR"), runtime[0] == 0x2f {
      return Array(String(cString: runtime).utf8) + Array("/treeline".utf8)
    }
    return Array("/tmp/treeline-\(geteuid())".utf8)
  }

  /// The directories that a client looks into: the user's own, then root's.
  static var directories: [[UInt8]] {
    let root = Array("/run/treeline".utf8)
    return ownDirectory == root ? [root] : [ownDirectory, root]
  }

  /// The name of the socket of the journal in an open directory.
  static func name(journal: Int32) throws(Errno) -> [UInt8] {
    let status = try FileStatus.of(journal)
    let text = String(status.device, radix: 16) + "-" + String(status.inode, radix: 16)
    return Array(text.utf8) + suffix
  }

  /// Makes the directory for sockets where it is missing: all may enter root's, and only the user
  /// their own.
  ///
  /// - Throws: `EPERM` where it belongs to somebody else.
  static func makeDirectory() throws(Errno) -> [UInt8] {
    let path = ownDirectory
    let mode: UInt32 = geteuid() == 0 ? 0o755 : 0o700
    do throws(Errno) {
      try withCString(path) { name throws(Errno) in
        try Names.makeDirectory(name, in: AT_FDCWD, mode: mode)
      }
    } catch .fileExists {}
    let directory = try withCString(path) { name throws(Errno) in
      try Descriptor.open(name, in: AT_FDCWD, .list)
    }
    guard try FileStatus.of(directory.raw).uid == geteuid() else { throw .notPermitted }
    try AttributeCalls.setMode(directory.raw, mode)
    return path
  }
}
