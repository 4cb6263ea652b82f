import CLinux
import Glibc

extension DescriptorGroup {
  /// What a group is for, which also says when it is asked: first those that fill in content, then
  /// those that look at it. See fanotify_init(2).
  public enum Duty: Hashable, Sendable {
    /// To be told afterwards. The corresponding C constant is FAN_CLASS_NOTIF.
    case notification
    /// To give permission once content is there, as scanners do. The corresponding C constant is
    /// FAN_CLASS_CONTENT.
    case content
    /// To give permission before content is there, and to fill it in, as hierarchical storage does.
    /// The corresponding C constant is FAN_CLASS_PRE_CONTENT.
    case preContent

    var constant: Int32 {
      switch self {
      case .notification: FAN_CLASS_NOTIF
      case .content: FAN_CLASS_CONTENT
      case .preContent: FAN_CLASS_PRE_CONTENT
      }
    }
  }

  /// What events say beside the file, and how large the group may grow. See fanotify_init(2).
  public struct Options: OptionSet, Hashable, Sendable {
    /// The C constants of what is in the set, combined.
    public let rawValue: UInt32

    /// Takes C constants as they are; those that are unknown are refused when they are used.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ constant: Int32) { rawValue = UInt32(bitPattern: constant) }

    /// Events carry a descriptor of the process that caused them (Linux 5.15). The corresponding C
    /// constant is FAN_REPORT_PIDFD.
    public static let processDescriptor = Options(FAN_REPORT_PIDFD)
    /// `FileEvent.pid` is the thread's id; not with `processDescriptor`. The corresponding C constant
    /// is FAN_REPORT_TID.
    public static let threadID = Options(FAN_REPORT_TID)
    /// An event whose file could not be opened comes nevertheless, and says why (Linux 6.13); without
    /// this it is lost. The corresponding C constant is FAN_REPORT_FD_ERROR.
    public static let errorNumbers = Options(CL_FAN_REPORT_FD_ERROR)
    /// Answers may ask for a record in the audit log; needs CAP_AUDIT_WRITE. The corresponding C
    /// constant is FAN_ENABLE_AUDIT.
    public static let audit = Options(FAN_ENABLE_AUDIT)
    /// The queue has no bound. The corresponding C constant is FAN_UNLIMITED_QUEUE.
    public static let unlimitedQueue = Options(FAN_UNLIMITED_QUEUE)
    /// The number of marks has no bound. The corresponding C constant is FAN_UNLIMITED_MARKS.
    public static let unlimitedMarks = Options(FAN_UNLIMITED_MARKS)
  }

  /// How the files of events are opened. See fanotify_init(2), "event_f_flags", and open(2).
  public struct FileFlags: OptionSet, Hashable, Sendable {
    /// The C constants of what is in the set, combined.
    public let rawValue: UInt32

    /// Takes C constants as they are; those that are unknown are refused when they are used.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ constant: Int32) { rawValue = UInt32(bitPattern: constant) }

    /// For reading, which is what no other flag says. The corresponding C constant is O_RDONLY.
    public static let readOnly: FileFlags = []
    /// For writing; a program that is being executed cannot be opened so. The corresponding C
    /// constant is O_WRONLY.
    public static let writeOnly = FileFlags(O_WRONLY)
    /// For both, to fill in content. The corresponding C constant is O_RDWR.
    public static let readWrite = FileFlags(O_RDWR)
    /// What is written goes to the end. The corresponding C constant is O_APPEND.
    public static let append = FileFlags(O_APPEND)
    /// Nothing waits. The corresponding C constant is O_NONBLOCK.
    public static let nonBlocking = FileFlags(O_NONBLOCK)
    /// Content and attributes are durable when a write returns. The corresponding C constant is
    /// O_SYNC.
    public static let synchronous = FileFlags(O_SYNC)
    /// Content is durable when a write returns. The corresponding C constant is O_DSYNC.
    public static let dataSynchronous = FileFlags(O_DSYNC)
    /// Reading leaves the access time alone. The corresponding C constant is O_NOATIME.
    public static let noAccessTime = FileFlags(CL_O_NOATIME)
    /// Offsets have 64 bits, as they have everywhere on 64-bit machines. The corresponding C constant
    /// is O_LARGEFILE.
    public static let large = FileFlags(CL_O_LARGEFILE)
  }
}
