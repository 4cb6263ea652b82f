import CLinux

extension Refusal {
  /// Why fanotify_mark(2) gives EINVAL for these flags and events in a group made with `groupFlags`,
  /// whatever it is called upon; nil where Linux 6.18 looks at the object first.
  package init?(markFlags flags: UInt32, events: EventMask, groupFlags: UInt32) {
    func has(_ constant: Int32) -> Bool { flags & UInt32(bitPattern: constant) != 0 }
    func groupHas(_ constant: Int32) -> Bool { groupFlags & UInt32(bitPattern: constant) != 0 }

    let kinds = CL_FAN_MARK_MNTNS  // It is FAN_MARK_MOUNT and FAN_MARK_FILESYSTEM in one.
    let kind = Int32(bitPattern: flags) & kinds
    let verbs = FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH
    let verb = Int32(bitPattern: flags) & verbs
    let known =
      kinds | verbs | FAN_MARK_IGNORE | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY
      | FAN_MARK_DONT_FOLLOW | FAN_MARK_ONLYDIR | FAN_MARK_EVICTABLE
    let handles = FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID

    if flags & ~UInt32(bitPattern: known) != 0 {
      self = .unknownMarkFlag
    } else if verb != FAN_MARK_ADD, verb != FAN_MARK_REMOVE, verb != FAN_MARK_FLUSH {
      self = .notOneVerb
    } else if verb != FAN_MARK_FLUSH, events.isEmpty {
      self = .noEvents
    } else if verb == FAN_MARK_FLUSH, flags & ~UInt32(bitPattern: kinds | verbs) != 0 {
      self = .flushWithOptions
    } else if !events.isSubset(of: .known) {
      self = .unknownEvent
    } else if has(FAN_MARK_IGNORE), has(FAN_MARK_IGNORED_MASK) {
      self = .twoIgnoreRules
    } else {
      // The older way of silencing passes over the flags beside the events.
      let isOldRule = has(FAN_MARK_IGNORED_MASK)
      let events = isOldRule ? events.subtracting(.allFlags) : events
      let isMountGroup = groupHas(CL_FAN_REPORT_MNT)
      if isMountGroup, kind != CL_FAN_MARK_MNTNS || !events.isSubset(of: .allMounts) {
        self = .mountGroupTakesMounts
      } else if !isMountGroup, kind == CL_FAN_MARK_MNTNS || !events.isDisjoint(with: .allMounts) {
        self = .mountsNeedMountGroup
      } else if !events.isDisjoint(with: .allPermissions),
        !groupHas(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT)
      {
        self = .permissionNeedsClass
      } else if events.contains(.preAccess), !groupHas(FAN_CLASS_PRE_CONTENT) {
        self = .preContentNeedsClass
      } else if events.contains(.filesystemError), kind != FAN_MARK_FILESYSTEM {
        self = .filesystemErrorNeedsFilesystemMark
      } else if has(FAN_MARK_EVICTABLE), kind != FAN_MARK_INODE {
        self = .evictableNeedsInodeMark
      } else if !events.isSubset(of: .allWithFile), !groupHas(handles) {
        self = .eventNeedsHandles
      } else if !events.isSubset(of: .allWithFile), kind == FAN_MARK_MOUNT {
        self = .eventNotOnMount
      } else if events.contains(.rename), !groupHas(FAN_REPORT_NAME) {
        self = .renameNeedsNames
      } else if events.contains([.preAccess, .onDirectory]) {
        self = .preContentOnDirectory
      } else if verb == FAN_MARK_ADD, has(FAN_MARK_IGNORE), !has(FAN_MARK_IGNORED_SURV_MODIFY),
        kind != FAN_MARK_INODE
      {
        self = .ignoreMustLast
      } else {
        return nil
      }
    }
  }
}

extension EventMask {
  /// Flags that stand beside events.
  package static let allFlags: EventMask = [.onDirectory, .onChild]
  /// Events that a group of FAN_REPORT_MNT reports.
  package static let allMounts: EventMask = [.mountAttached, .mountDetached]
  /// Events that wait for an answer.
  package static let allPermissions: EventMask = [
    .openPermission, .openToExecutePermission, .accessPermission, .preAccess,
  ]
  /// Events that come with a file, and what may stand beside them on any mark.
  package static let allWithFile: EventMask = [
    .access, .modify, .close, .open, .openToExecute, .allPermissions, .allMounts, .allFlags,
  ]
  /// All that a mark may ask for.
  package static let known: EventMask = [
    .allWithFile, .create, .delete, .rename, .move, .attributes, .deleteSelf, .moveSelf,
    .filesystemError,
  ]
}
