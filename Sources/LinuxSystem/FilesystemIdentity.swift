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
