import CLinux

/// What a mark covers. See fanotify_mark(2).
public enum Mark: Hashable, Sendable {
  /// Every object of the filesystem, however it is reached; needs CAP_SYS_ADMIN. The corresponding
  /// C constant is FAN_MARK_FILESYSTEM.
  ///
  /// Unmounting the filesystem removes the mark without a word; an open directory prevents that.
  case filesystem
  /// What is done through one mount: data events only; needs CAP_SYS_ADMIN. The corresponding C
  /// constant is FAN_MARK_MOUNT.
  case mount
  /// One object; with `EventMask.onChild` a directory and what is directly in it. The corresponding
  /// C constant is FAN_MARK_INODE.
  case inode
  /// The mounts of one mount namespace, in a group made with `.mounts`; the descriptor is the
  /// namespace's (Linux 6.14). The corresponding C constant is FAN_MARK_MNTNS.
  case mountNamespace

  var constant: Int32 {
    switch self {
    case .filesystem: FAN_MARK_FILESYSTEM
    case .mount: FAN_MARK_MOUNT
    case .inode: FAN_MARK_INODE
    case .mountNamespace: CL_FAN_MARK_MNTNS
    }
  }
}

/// How a mark finds its object, and how long it lasts. See fanotify_mark(2).
public struct MarkOptions: OptionSet, Hashable, Sendable {
  /// The C constants of what is in the set, combined.
  public let rawValue: UInt32

  /// Takes C constants as they are; those that are unknown are refused when they are used.
  @inlinable
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  init(_ constant: Int32) { rawValue = UInt32(bitPattern: constant) }

  /// A symbolic link at the end of the path is marked itself. The corresponding C constant is
  /// FAN_MARK_DONT_FOLLOW.
  public static let doNotFollow = MarkOptions(FAN_MARK_DONT_FOLLOW)
  /// What is not a directory is refused with `ENOTDIR`. The corresponding C constant is
  /// FAN_MARK_ONLYDIR.
  public static let onlyDirectory = MarkOptions(FAN_MARK_ONLYDIR)
  /// The mark does not hold its inode in memory, and goes with it (Linux 5.19). The corresponding
  /// C constant is FAN_MARK_EVICTABLE.
  public static let evictable = MarkOptions(FAN_MARK_EVICTABLE)
}
