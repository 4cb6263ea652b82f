/// What the kernel says of a group: how it was made, and its marks. See proc_pid_fdinfo(5).
///
/// ```
/// fanotify flags:1e02 event-flags:8000
/// fanotify ino:f7a1ae sdev:fe00000 mflags:0 mask:48000100 ignored_mask:0 fhandle-bytes:8 …
/// fanotify mnt_id:1b mflags:0 mask:8000020 ignored_mask:0
/// fanotify sdev:fe00000 mflags:0 mask:8000100 ignored_mask:0
/// fanotify mnt_ns:4026531832 mflags:0 mask:3000000 ignored_mask:0
/// ```
public struct GroupDescription: Hashable, Sendable {
  /// The flags of fanotify_init(2), without FAN_ENABLE_AUDIT, and without FAN_CLOEXEC on some kernels.
  public internal(set) var flags: UInt32 = 0
  /// The flags of the files of events; O_LARGEFILE is always among them.
  public internal(set) var fileFlags: UInt32 = 0
  /// The marks, in no order.
  public internal(set) var marks: [MarkDescription] = []
}

/// One mark of a group, as the kernel describes it.
public struct MarkDescription: Hashable, Sendable {
  /// What is marked.
  public enum Target: Hashable, Sendable {
    /// An object, by its inode number, its device, and its handle where the filesystem has handles.
    case inode(UInt64, device: Device, handle: ObjectKey?)
    /// A mount, by the id that /proc/self/mountinfo has first in a line.
    case mount(UInt32)
    /// A filesystem, by its device.
    case filesystem(Device)
    /// A mount namespace, by the inode number of /proc/self/ns/mnt.
    case mountNamespace(UInt32)
  }

  /// A device as the kernel itself writes it: 12 bits of major number, 20 of minor.
  ///
  /// For btrfs it is the filesystem's, which stat(2) on a file does not give.
  public struct Device: Hashable, Sendable {
    /// The kind of device, or 0 where there is none, as for tmpfs and btrfs.
    public let major: UInt32
    /// The number among its kind.
    public let minor: UInt32

    /// A device by its numbers.
    public init(major: UInt32, minor: UInt32) {
      self.major = major
      self.minor = minor
    }

    init(kernel: UInt32) { self.init(major: kernel >> 20, minor: kernel & 0xFFFFF) }
  }

  /// What is marked.
  public let target: Target
  /// What is reported. The kernel adds `.onChild` by itself where it has to know names.
  public let events: EventMask
  /// What is silenced.
  public let ignored: EventMask
  /// What else fanotify_mark(2) was told and keeps.
  public let traits: Traits

  /// What a mark keeps of the flags of fanotify_mark(2).
  public struct Traits: OptionSet, Hashable, Sendable {
    /// The C constants of what is in the set, combined.
    public let rawValue: UInt32
    /// Takes C constants as they are.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// What is silenced stays so when the object is modified. The corresponding C constant is
    /// FAN_MARK_IGNORED_SURV_MODIFY.
    public static let lasting = Traits(rawValue: 0x40)
    /// The mark does not hold its inode in memory. The corresponding C constant is
    /// FAN_MARK_EVICTABLE.
    public static let evictable = Traits(rawValue: 0x200)
    /// What is silenced has flags of its own. The corresponding C constant is FAN_MARK_IGNORE.
    public static let ignoresByFlags = Traits(rawValue: 0x400)
  }
}
