import CLinux

/// How long events are silenced, and what the flags beside them mean. See fanotify_mark(2).
public enum IgnoreRule: Hashable, Sendable {
  /// For good (Linux 6.0). `EventMask.onDirectory` and `.onChild` say of what else than the object
  /// itself the events are silenced. The corresponding C constant is FAN_MARK_IGNORE_SURV.
  case lasting
  /// Until the object is modified; for inode marks on what is no directory (Linux 6.0). Where
  /// something has it open for writing, nothing is silenced. The corresponding C constant is
  /// FAN_MARK_IGNORE.
  case untilModified
  /// For good, in the older way, which passes over `EventMask.onDirectory` and `.onChild`: directories
  /// are silenced as well, and children never are. The corresponding C constants are
  /// FAN_MARK_IGNORED_MASK and FAN_MARK_IGNORED_SURV_MODIFY.
  case oldLasting
  /// Until the object is modified, in the older way. The corresponding C constant is
  /// FAN_MARK_IGNORED_MASK.
  case oldUntilModified

  var constant: Int32 {
    switch self {
    case .lasting: FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY
    case .untilModified: FAN_MARK_IGNORE
    case .oldLasting: FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY
    case .oldUntilModified: FAN_MARK_IGNORED_MASK
    }
  }
}
