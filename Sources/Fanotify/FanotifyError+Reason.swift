import SystemPackage

extension FanotifyError {
  /// What the error means for this call, as the manual has it; nil where it says nothing.
  public var reason: String? {
    if let refusal { return refusal.description }
    return switch call {
    case .makeGroup: Self.reasonNoGroup(errno)
    case .mark(let flags, _): Self.reasonNoMark(errno, flags)
    case .answer: Self.reasonNoAnswer(errno)
    }
  }

  /// See fanotify_init(2), "ERRORS".
  private static func reasonNoGroup(_ errno: Errno) -> String? {
    switch errno {
    case .invalidArgument: "Linux is too old for one of the flags"
    case .tooManyOpenFiles: "too many groups of this user, or too many open files of this process"
    case .noMemory: "no memory for the queue"
    case .noFunction: "Linux was built without CONFIG_FANOTIFY"
    case .notPermitted:
      "without CAP_SYS_ADMIN a group reports handles or mounts, and no processes, threads or errors, within limits; FAN_ENABLE_AUDIT needs CAP_AUDIT_WRITE"
    default: nil
    }
  }

  /// See fanotify_mark(2), "ERRORS".
  private static func reasonNoMark(_ errno: Errno, _ flags: UInt32) -> String? {
    switch errno {
    case .invalidArgument:
      "Linux is too old for a flag or an event, or what is marked does not take it: permission events on a filesystem like /proc, a mark on a pseudo filesystem, content that is no regular file's"
    case .fileExists:
      "a mark is there that this one would weaken: one that holds its inode, or a rule of ignoring that lasts or is newer"
    case .isDirectory:
      "FAN_MARK_IGNORE on a directory needs FAN_MARK_IGNORED_SURV_MODIFY"
    case .notDirectory:
      "events on names, FAN_ONDIR and FAN_EVENT_ON_CHILD need a directory, as FAN_MARK_ONLYDIR does"
    case .noSuchFileOrDirectory:
      flags & 1 != 0 ? "there is no such file" : "there is no such mark, or no such file"
    case .operationNotSupportedByDevice:
      "the filesystem has no id, so its handles would name nothing"
    case .improperLink:
      "the filesystem has several ids, as a btrfs subvolume has: mark its top-level mount"
    case .notSupported:
      "the filesystem has no lasting handles, or takes no events before content is touched"
    case .noSpace: "too many marks of this user"
    case .notPermitted: "marks on mounts and filesystems need CAP_SYS_ADMIN"
    case .permissionDenied: "only what may be read may be marked"
    case .noMemory: "no memory for the mark"
    case .noFunction: "Linux was built without CONFIG_FANOTIFY"
    default: nil
    }
  }

  /// See fanotify(7), "ERRORS".
  private static func reasonNoAnswer(_ errno: Errno) -> String? {
    switch errno {
    case .noSuchFileOrDirectory: "nobody waits for the answer any more"
    case .invalidArgument:
      "Linux is too old for what the answer says, or does not take this errno"
    case .noFunction: "Linux was built without CONFIG_FANOTIFY_ACCESS_PERMISSIONS"
    default: nil
    }
  }
}
