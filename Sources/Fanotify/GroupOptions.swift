import CLinux

extension NotificationGroup {
  /// How a group identifies objects, and how large it may grow. See fanotify_init(2).
  public struct Options: OptionSet, Hashable, Sendable {
    /// The C constants of what is in the set, combined.
    public let rawValue: UInt32

    /// Takes C constants as they are; those that are unknown are refused when they are used.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ constant: Int32) { rawValue = UInt32(bitPattern: constant) }

    /// Events carry the object's handle. The corresponding C constant is FAN_REPORT_FID.
    public static let objectHandle = Options(FAN_REPORT_FID)
    /// Events carry the handle of the directory that holds the object. The corresponding C constant
    /// is FAN_REPORT_DIR_FID.
    public static let directoryHandle = Options(FAN_REPORT_DIR_FID)
    /// Events carry the name in the directory; with `directoryHandle`. The corresponding C constant is
    /// FAN_REPORT_NAME.
    public static let name = Options(FAN_REPORT_NAME)
    /// Events about names carry the handle of the object as well (Linux 5.17); with `directoryName`
    /// and `objectHandle`. The corresponding C constant is FAN_REPORT_TARGET_FID.
    public static let targetHandle = Options(FAN_REPORT_TARGET_FID)
    /// Events carry the directory's handle and the name in it. The corresponding C constant is
    /// FAN_REPORT_DFID_NAME.
    public static let directoryName = Options(FAN_REPORT_DIR_FID | FAN_REPORT_NAME)
    /// Every event carries all there is: directory, name, and the handle of the object, also where
    /// a name was created, deleted or moved (Linux 5.17). The corresponding C constant is
    /// FAN_REPORT_DFID_NAME_TARGET.
    public static let directoryNameTarget = Options(
      FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID)
    /// Events about mounts, in a group for nothing else (Linux 6.14). The corresponding C constant
    /// is FAN_REPORT_MNT.
    public static let mounts = Options(CL_FAN_REPORT_MNT)

    /// Events carry a descriptor of the process that caused them (Linux 5.15); needs privilege.
    ///
    /// Linux opens it while the event is read, one for each event, and the buffer holds it until it is
    /// read into again: use one of at most 16 KiB. The corresponding C constant is FAN_REPORT_PIDFD.
    public static let processDescriptor = Options(FAN_REPORT_PIDFD)
    /// An event that has no descriptor of a process says by the number of an error why (Linux 6.13);
    /// needs privilege. The corresponding C constant is FAN_REPORT_FD_ERROR.
    public static let errorNumbers = Options(CL_FAN_REPORT_FD_ERROR)
    /// `Event.pid` is the thread's id; not with `processDescriptor`. The corresponding C constant
    /// is FAN_REPORT_TID.
    public static let threadID = Options(FAN_REPORT_TID)

    /// The queue has no bound; needs privilege. Each unread event then holds about 140 bytes of
    /// kernel memory. The corresponding C constant is FAN_UNLIMITED_QUEUE.
    public static let unlimitedQueue = Options(FAN_UNLIMITED_QUEUE)
    /// The number of marks has no bound; needs privilege. The corresponding C constant is
    /// FAN_UNLIMITED_MARKS.
    public static let unlimitedMarks = Options(FAN_UNLIMITED_MARKS)
  }
}
