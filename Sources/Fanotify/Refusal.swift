/// Why a call is refused whatever the state of the system: it contradicts itself, or the group.
///
/// The rules are those of fanotify_init(2) and fanotify_mark(2), as Linux 6.18 has them; a call that
/// breaks one is not made. Every one of them stands for `EINVAL`.
public enum Refusal: Hashable, Sendable, CaseIterable {
  /// A flag of the group is none that this library knows.
  case unknownGroupFlag
  /// Descriptors of processes are made for thread groups alone: FAN_REPORT_PIDFD with FAN_REPORT_TID.
  case processOfThread
  /// A group told of mounts reports nothing else: FAN_REPORT_MNT with a class that gives permission.
  case mountsWithPermission
  /// A group told of mounts reports nothing else: FAN_REPORT_MNT with FAN_REPORT_*FID or
  /// FAN_REPORT_FD_ERROR.
  case mountsWithObjects
  /// Files of events are opened with an access mode and O_APPEND, O_NONBLOCK, O_SYNC, O_DSYNC,
  /// O_CLOEXEC, O_LARGEFILE and O_NOATIME at most.
  case unknownFileFlag
  /// Whoever gives permission needs the file: FAN_REPORT_*FID with FAN_CLASS_CONTENT or
  /// FAN_CLASS_PRE_CONTENT.
  case handlesWithPermission
  /// A name without its directory says nothing: FAN_REPORT_NAME without FAN_REPORT_DIR_FID.
  case nameWithoutDirectory
  /// FAN_REPORT_TARGET_FID without FAN_REPORT_NAME and FAN_REPORT_FID.
  case targetWithoutName
  /// FAN_CLASS_CONTENT together with FAN_CLASS_PRE_CONTENT.
  case twoClasses

  /// A flag of the mark is none that this library knows.
  case unknownMarkFlag
  /// Not exactly one of FAN_MARK_ADD, FAN_MARK_REMOVE and FAN_MARK_FLUSH.
  case notOneVerb
  /// Nothing to add or to remove.
  case noEvents
  /// FAN_MARK_FLUSH takes the kind of marks alone.
  case flushWithOptions
  /// An event is none that a mark can ask for; FAN_Q_OVERFLOW comes unasked.
  case unknownEvent
  /// FAN_MARK_IGNORE together with FAN_MARK_IGNORED_MASK.
  case twoIgnoreRules
  /// A group made with FAN_REPORT_MNT takes FAN_MNT_ATTACH and FAN_MNT_DETACH on FAN_MARK_MNTNS, and
  /// nothing else.
  case mountGroupTakesMounts
  /// FAN_MNT_ATTACH, FAN_MNT_DETACH and FAN_MARK_MNTNS are for groups made with FAN_REPORT_MNT.
  case mountsNeedMountGroup
  /// FAN_OPEN_PERM and its like are for groups of FAN_CLASS_CONTENT or FAN_CLASS_PRE_CONTENT.
  case permissionNeedsClass
  /// FAN_PRE_ACCESS is for groups of FAN_CLASS_PRE_CONTENT.
  case preContentNeedsClass
  /// FAN_FS_ERROR is for FAN_MARK_FILESYSTEM.
  case filesystemErrorNeedsFilesystemMark
  /// FAN_MARK_EVICTABLE is for inode marks: nothing else can be evicted.
  case evictableNeedsInodeMark
  /// Events on names, attributes and the object itself come with no file that could be opened: they
  /// need a group made with FAN_REPORT_*FID.
  case eventNeedsHandles
  /// Events on names, attributes and the object itself do not know by which mount they came: they
  /// are not for FAN_MARK_MOUNT.
  case eventNotOnMount
  /// FAN_RENAME needs a group made with FAN_REPORT_NAME.
  case renameNeedsNames
  /// FAN_PRE_ACCESS together with FAN_ONDIR: directories have no content to fill.
  case preContentOnDirectory
  /// FAN_MARK_IGNORE on a mount or a filesystem without FAN_MARK_IGNORED_SURV_MODIFY: no change of
  /// one object could end it.
  case ignoreMustLast

  /// An errno beside FAN_DENY is for groups of FAN_CLASS_PRE_CONTENT.
  case errorNeedsPreContentClass
  /// FAN_AUDIT is for groups made with FAN_ENABLE_AUDIT.
  case auditNeedsGroup
}

extension Refusal: CustomStringConvertible {
  /// The rule that the call breaks, in a few words.
  public var description: String {
    switch self {
    case .unknownGroupFlag: "a flag of the group is unknown"
    case .processOfThread: "FAN_REPORT_PIDFD does not go with FAN_REPORT_TID"
    case .mountsWithPermission: "FAN_REPORT_MNT needs FAN_CLASS_NOTIF"
    case .mountsWithObjects: "FAN_REPORT_MNT does not go with handles or FAN_REPORT_FD_ERROR"
    case .unknownFileFlag: "a flag of the files to be opened is unknown"
    case .handlesWithPermission: "handles need FAN_CLASS_NOTIF"
    case .nameWithoutDirectory: "FAN_REPORT_NAME needs FAN_REPORT_DIR_FID"
    case .targetWithoutName: "FAN_REPORT_TARGET_FID needs FAN_REPORT_NAME and FAN_REPORT_FID"
    case .twoClasses: "FAN_CLASS_CONTENT does not go with FAN_CLASS_PRE_CONTENT"
    case .unknownMarkFlag: "a flag of the mark is unknown"
    case .notOneVerb: "a mark is either added, removed or flushed"
    case .noEvents: "no event is named"
    case .flushWithOptions: "FAN_MARK_FLUSH takes the kind of mark alone"
    case .unknownEvent: "no mark asks for such an event"
    case .twoIgnoreRules: "FAN_MARK_IGNORE does not go with FAN_MARK_IGNORED_MASK"
    case .mountGroupTakesMounts:
      "a group with FAN_REPORT_MNT takes mount events on FAN_MARK_MNTNS alone"
    case .mountsNeedMountGroup: "mount events and FAN_MARK_MNTNS need FAN_REPORT_MNT"
    case .permissionNeedsClass:
      "permission events need FAN_CLASS_CONTENT or FAN_CLASS_PRE_CONTENT"
    case .preContentNeedsClass: "FAN_PRE_ACCESS needs FAN_CLASS_PRE_CONTENT"
    case .filesystemErrorNeedsFilesystemMark: "FAN_FS_ERROR needs FAN_MARK_FILESYSTEM"
    case .evictableNeedsInodeMark: "FAN_MARK_EVICTABLE needs FAN_MARK_INODE"
    case .eventNeedsHandles: "an event needs a group that reports handles"
    case .eventNotOnMount: "an event is not known to FAN_MARK_MOUNT"
    case .renameNeedsNames: "FAN_RENAME needs FAN_REPORT_NAME"
    case .preContentOnDirectory: "FAN_PRE_ACCESS does not go with FAN_ONDIR"
    case .ignoreMustLast: "FAN_MARK_IGNORE needs FAN_MARK_IGNORED_SURV_MODIFY here"
    case .errorNeedsPreContentClass: "an errno beside FAN_DENY needs FAN_CLASS_PRE_CONTENT"
    case .auditNeedsGroup: "FAN_AUDIT needs FAN_ENABLE_AUDIT"
    }
  }
}
