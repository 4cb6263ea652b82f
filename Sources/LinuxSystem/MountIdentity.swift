import CLinux
import Glibc
import SystemPackage

/// The number of the mount that an open object was reached through, which no later mount has again
/// (Linux 6.8; before that a number may be used again after an unmount). See statx(2),
/// STATX_MNT_ID_UNIQUE.
public func mountIdentity(_ descriptor: Int32) throws(Errno) -> UInt64 {
  var status = statx()
  try retrying { cl_statx_mount(descriptor, "", &status) }
  return status.stx_mnt_id
}

/// The number of the mount that is seen at an absolute path, as long as its number in the kernel's list is `id`.
/// Nothing is opened: what is open cannot be unmounted.
///
/// - Throws: `ESTALE` where another mount is seen there.
public func mountIdentity(at path: [UInt8], id: UInt64) throws(Errno) -> UInt64 {
  try withCString(path) { path throws(Errno) in
    var status = statx()
    try retrying { cl_statx_mount(AT_FDCWD, path, &status) }
    guard try FileStatus.of(path, in: AT_FDCWD).mountID == id else { throw .staleNFSFileHandle }
    return status.stx_mnt_id
  }
}
