import CLinux
import SystemPackage

/// What names a filesystem over remounts: its UUID (Linux 6.9), or else the id of statfs(2).
///
/// The id is not lasting everywhere: xfs has another after a remount, tmpfs at every mount.
public func filesystemIdentity(_ descriptor: Int32) throws(Errno) -> [UInt8] {
  var uuid = cl_fsuuid()
  if (try? retrying { cl_fs_uuid(descriptor, &uuid) }) != nil, uuid.length > 0 {
    let count = min(Int(uuid.length), 16)
    return withUnsafeBytes(of: uuid.value) { Array($0.prefix(count)) }
  }
  var status = statfs()
  try retrying { cl_statfs(descriptor, &status) }
  return withUnsafeBytes(of: status.f_fsid) { Array($0) }
}

/// The id of a filesystem as statfs(2) gives it, and events have it.
public func filesystemNumber(_ descriptor: Int32) throws(Errno) -> UInt64 {
  var status = statfs()
  try retrying { cl_statfs(descriptor, &status) }
  return withUnsafeBytes(of: status.f_fsid) { $0.loadUnaligned(as: UInt64.self) }
}

/// Which of the filesystems that are mounted now an object is on.
///
/// Each subvolume of btrfs has a device number of its own, and its own number in the id of statfs(2).
public struct FilesystemPlace: Hashable, Sendable {
  private let number: UInt64
  private let isDevice: Bool

  /// - Parameter object: an open one.
  public init(of object: Int32) throws(Errno) {
    if let subvolume = (try? ObjectKey.of(object))?.btrfsSubvolume {
      number = try filesystemNumber(object) ^ (subvolume >> 32 | subvolume << 32)
      isDevice = false
    } else {
      number = try FileStatus.of(object).device
      isDevice = true
    }
  }
}
