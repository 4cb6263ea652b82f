import CLinux
import SystemPackage

/// The number of the mount that an open object was reached through, which no later mount has again
/// (Linux 6.8; before that a number may be used again after an unmount). See statx(2),
/// STATX_MNT_ID_UNIQUE.
public func mountIdentity(_ descriptor: Int32) throws(Errno) -> UInt64 {
  var status = statx()
  try retrying { cl_statx_mount(descriptor, &status) }
  return status.stx_mnt_id
}
