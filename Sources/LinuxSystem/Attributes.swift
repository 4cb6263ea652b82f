import CLinux
import Glibc
import SystemPackage

/// Changes to the attributes of an open object; O_PATH descriptors serve, also of FIFOs, devices
/// and symbolic links.
public enum AttributeCalls {
  /// Sets permission bits; not for symbolic links. See chmod(2).
  public static func setMode(_ descriptor: Int32, _ mode: UInt32) throws(Errno) {
    try retrying { cl_chmod_fd(descriptor, mode & 0o7777) }
  }

  /// Sets owner and group; this drops setuid bits and capabilities. See chown(2).
  public static func setOwner(_ descriptor: Int32, uid: UInt32, gid: UInt32) throws(Errno) {
    try retrying { cl_chown_fd(descriptor, uid, gid) }
  }

  /// Sets the modification time and leaves the access time. See utimensat(2).
  public static func setModified(_ descriptor: Int32, _ time: Timestamp) throws(Errno) {
    try retrying { cl_set_mtime_fd(descriptor, time.seconds, time.nanoseconds) }
  }

  /// The inode flags that chattr(1) shows. See ioctl_iflags(2).
  /// - Throws: `ENOTTY` or `EOPNOTSUPP` where the filesystem has none.
  public static func inodeFlags(_ descriptor: Int32) throws(Errno) -> Int32 {
    var flags: Int32 = 0
    try retrying { cl_get_flags(descriptor, &flags) }
    return flags
  }

  public static func setInodeFlags(_ descriptor: Int32, _ flags: Int32) throws(Errno) {
    try retrying { cl_set_flags(descriptor, flags) }
  }
}
