import CLinux
import Glibc
import SystemPackage

/// The flags of chattr(1) that travel with an object: those that statx(2) tells beside everything else.
///
/// What was seen on Linux 6.18: ext4, xfs, btrfs and tmpfs give these three for files and directories, in
/// `stx_attributes` as in FS_IOC_GETFLAGS. A change of them moves the ctime and nothing else, and fanotify
/// tells nobody, so it is found at the next look. The others (noatime, sync, dirsync, nocow, project, dax)
/// are told by FS_IOC_GETFLAGS alone, for which each object would have to be opened: twice the system calls
/// of a look. Compression is told by btrfs as the extended attribute `btrfs.compression` as well, which is copied
/// as any other; ext4 keeps that flag and does nothing for it.
public struct InodeFlags: OptionSet, Hashable, Sendable {
  /// As in `stx_attributes` and in FS_IOC_GETFLAGS, which have the same numbers for these.
  public let rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The corresponding C constants are STATX_ATTR_IMMUTABLE and FS_IMMUTABLE_FL.
  public static let immutable = InodeFlags(rawValue: 0x10)
  /// The corresponding C constants are STATX_ATTR_APPEND and FS_APPEND_FL.
  public static let appendOnly = InodeFlags(rawValue: 0x20)
  /// The corresponding C constants are STATX_ATTR_NODUMP and FS_NODUMP_FL.
  public static let noDump = InodeFlags(rawValue: 0x40)

  /// All that travel.
  public static let all = InodeFlags(rawValue: 0x70)
  /// Those that forbid changes, to root as well: rename, link, unlink, write, chmod, chown, times and extended
  /// attributes of the object, and what goes from a directory; into an append-only one names may come.
  public static let forbidding = InodeFlags(rawValue: 0x30)
}

extension FileStatus {
  /// The flags of a regular file or directory. Links, devices and the like may have taken `noDump` from the
  /// directory that they were made in; with them it means nothing, and cannot be changed.
  @inlinable public var flags: InodeFlags {
    let flags = InodeFlags(rawValue: UInt32(truncatingIfNeeded: value.stx_attributes)).intersection(.all)
    if flags.isEmpty { return [] }
    return kind == .regular || kind == .directory ? flags : []
  }

  /// Which flags the filesystem tells of.
  @inlinable public var flagsTold: InodeFlags {
    InodeFlags(rawValue: UInt32(truncatingIfNeeded: value.stx_attributes_mask)).intersection(.all)
  }
}

extension AttributeCalls {
  /// Sets and clears flags of a regular file or directory; O_PATH descriptors serve. See ioctl_iflags(2).
  ///
  /// - Throws: `ENOTSUP` where the filesystem does not have them, `EPERM` without CAP_LINUX_IMMUTABLE for those
  ///   that forbid changes.
  public static func changeFlags(
    _ descriptor: Int32, adding: InodeFlags, removing: InodeFlags
  ) throws(Errno) {
    guard fcntl(descriptor, F_GETFL) & CL_O_PATH != 0 else {
      return try changeOpen(descriptor, adding, removing)
    }
    // The ioctl wants the object open: EBADF otherwise.
    let opened = try Descriptor.open(
      path: "/proc/self/fd/\(descriptor)", O_RDONLY | O_NONBLOCK | O_NOCTTY)
    try changeOpen(opened.raw, adding, removing)
  }

  private static func changeOpen(
    _ descriptor: Int32, _ adding: InodeFlags, _ removing: InodeFlags
  ) throws(Errno) {
    do throws(Errno) {
      let before = try inodeFlags(descriptor)
      let after =
        before & ~Int32(bitPattern: removing.rawValue) | Int32(bitPattern: adding.rawValue)
      if after != before { try setInodeFlags(descriptor, after) }
    } catch .inappropriateIOCTLForDevice {
      throw .notSupported
    }
  }
}
