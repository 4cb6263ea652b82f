import Glibc
import SystemPackage

/// What a filesystem still takes from this process. See statvfs(3).
public struct FilesystemRoom: Sendable {
  public var bytes: UInt64
  /// How large it is.
  public var bytesTotal: UInt64
  /// How many more objects; as many as there can be where the filesystem does not count them.
  public var inodes: UInt64

  /// Asks about the filesystem of an open object.
  public static func of(_ descriptor: Int32) throws(Errno) -> FilesystemRoom {
    var status = statvfs()
    guard fstatvfs(descriptor, &status) == 0 else { throw Errno(rawValue: errno) }
    let unit = UInt64(status.f_frsize)
    return FilesystemRoom(
      bytes: UInt64(status.f_bavail).multipliedReportingOverflow(by: unit).partialValue,
      bytesTotal: UInt64(status.f_blocks).multipliedReportingOverflow(by: unit).partialValue,
      inodes: status.f_files == 0 ? .max : UInt64(status.f_favail))
  }
}
