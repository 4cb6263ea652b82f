import CLinux

/// A set of event types, and of flags that go with them.
///
/// The same set is used to say what to watch and to say what an event reports. An event may carry
/// several types: Linux merges a new event into an earlier unread one about the same name, so the
/// bits tell nothing about the order in which things happened. See fanotify_mark(2).
public struct EventMask: OptionSet, Hashable, Sendable {
  /// The C constants of what is in the set, combined.
  public let rawValue: UInt64

  /// Takes C constants as they are; those that are unknown are refused when they are used.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  @inlinable
  init(_ constant: Int32) { rawValue = UInt64(UInt32(bitPattern: constant)) }
}

/// What happened to names in directories.
extension EventMask {
  /// A name came into being. The corresponding C constant is FAN_CREATE.
  @inlinable public static var create: EventMask { EventMask(FAN_CREATE) }
  /// A name was removed. The corresponding C constant is FAN_DELETE.
  @inlinable public static var delete: EventMask { EventMask(FAN_DELETE) }
  /// A name was moved; one event tells both ends. The corresponding C constant is FAN_RENAME.
  @inlinable public static var rename: EventMask { EventMask(FAN_RENAME) }
  /// A name was moved away. The corresponding C constant is FAN_MOVED_FROM.
  @inlinable public static var movedFrom: EventMask { EventMask(FAN_MOVED_FROM) }
  /// A name was moved here. The corresponding C constant is FAN_MOVED_TO.
  @inlinable public static var movedTo: EventMask { EventMask(FAN_MOVED_TO) }
}

/// What happened to objects.
extension EventMask {
  /// Content or size was changed, or the modification time alone was set. The corresponding C
  /// constant is FAN_MODIFY.
  @inlinable public static var modify: EventMask { EventMask(FAN_MODIFY) }
  /// Mode, owner, times, extended attributes or the link count were changed. The corresponding C
  /// constant is FAN_ATTRIB.
  @inlinable public static var attributes: EventMask { EventMask(FAN_ATTRIB) }
  /// A file that was open for writing was closed, or its last shared mapping went. The
  /// corresponding C constant is FAN_CLOSE_WRITE.
  @inlinable public static var closeWrite: EventMask { EventMask(FAN_CLOSE_WRITE) }
  /// A file that was open for reading only was closed. The corresponding C constant is
  /// FAN_CLOSE_NOWRITE.
  @inlinable public static var closeReadOnly: EventMask { EventMask(FAN_CLOSE_NOWRITE) }
  /// A file was opened. The corresponding C constant is FAN_OPEN.
  @inlinable public static var open: EventMask { EventMask(FAN_OPEN) }
  /// A file was opened to be executed. The corresponding C constant is FAN_OPEN_EXEC.
  @inlinable public static var openToExecute: EventMask { EventMask(FAN_OPEN_EXEC) }
  /// A file was read. The corresponding C constant is FAN_ACCESS.
  @inlinable public static var access: EventMask { EventMask(FAN_ACCESS) }
  /// The object lost its last link and its last user. The corresponding C constant is
  /// FAN_DELETE_SELF.
  @inlinable public static var deleteSelf: EventMask { EventMask(FAN_DELETE_SELF) }
  /// The object itself was moved. The corresponding C constant is FAN_MOVE_SELF.
  @inlinable public static var moveSelf: EventMask { EventMask(FAN_MOVE_SELF) }
}

/// What waits for an answer; for ``DescriptorGroup`` alone.
extension EventMask {
  /// A file is about to be opened. The corresponding C constant is FAN_OPEN_PERM.
  @inlinable public static var openPermission: EventMask { EventMask(FAN_OPEN_PERM) }
  /// A file is about to be opened to be executed. The corresponding C constant is
  /// FAN_OPEN_EXEC_PERM.
  @inlinable public static var openToExecutePermission: EventMask { EventMask(FAN_OPEN_EXEC_PERM) }
  /// A file, or a directory, is about to be read. The corresponding C constant is FAN_ACCESS_PERM.
  @inlinable public static var accessPermission: EventMask { EventMask(FAN_ACCESS_PERM) }
  /// Content is about to be read, written or mapped, and may be filled in first; for groups of the
  /// class `.preContent` (Linux 6.14). The event says which range. The corresponding C constant is
  /// FAN_PRE_ACCESS.
  @inlinable public static var preAccess: EventMask { EventMask(CL_FAN_PRE_ACCESS) }
}

/// What happened to the filesystem, to mounts, and to the queue.
extension EventMask {
  /// The filesystem found itself damaged; for filesystem marks only. The corresponding C constant
  /// is FAN_FS_ERROR.
  @inlinable public static var filesystemError: EventMask { EventMask(FAN_FS_ERROR) }
  /// Events were lost: the queue was full. It comes unasked. The corresponding C constant is
  /// FAN_Q_OVERFLOW.
  @inlinable public static var queueOverflow: EventMask { EventMask(FAN_Q_OVERFLOW) }
  /// A mount appeared; for mount namespace marks only (Linux 6.14). The corresponding C constant
  /// is FAN_MNT_ATTACH.
  @inlinable public static var mountAttached: EventMask { EventMask(CL_FAN_MNT_ATTACH) }
  /// A mount went; for mount namespace marks only (Linux 6.14). The corresponding C constant is
  /// FAN_MNT_DETACH.
  @inlinable public static var mountDetached: EventMask { EventMask(CL_FAN_MNT_DETACH) }
}

/// Several types by one name.
extension EventMask {
  /// A file was closed. The corresponding C constant is FAN_CLOSE.
  @inlinable public static var close: EventMask { [.closeWrite, .closeReadOnly] }
  /// A name was moved away, or here. The corresponding C constant is FAN_MOVE.
  @inlinable public static var move: EventMask { [.movedFrom, .movedTo] }
}

/// Flags that stand beside the types.
extension EventMask {
  /// The object is a directory; in a mark: events about directories are wanted as well. The
  /// corresponding C constant is FAN_ONDIR.
  @inlinable public static var onDirectory: EventMask { EventMask(FAN_ONDIR) }
  /// In a mark on a directory: events about the objects in it are wanted as well. The
  /// corresponding C constant is FAN_EVENT_ON_CHILD.
  @inlinable public static var onChild: EventMask { EventMask(FAN_EVENT_ON_CHILD) }
}

extension EventMask: CustomStringConvertible {
  /// The C constants of what is in the set.
  public var description: String { FlagNames.events.text(of: rawValue) }
}
