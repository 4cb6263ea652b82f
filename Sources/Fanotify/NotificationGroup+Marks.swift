import CLinux
import LinuxSystem
import SystemPackage

extension NotificationGroup {
  /// Adds `events` to what is reported of an object, a mount or a filesystem.
  ///
  /// - Parameters:
  ///   - directory: an open object, not one opened with O_PATH; or, where `path` is given, the
  ///     directory from which it starts.
  ///   - path: nil for the open object itself.
  /// - Throws: `EXDEV` on a btrfs subvolume (mark the top-level mount), `EOPNOTSUPP` or `ENODEV`
  ///   where the filesystem has no lasting handles or no id, `EINVAL` where the mark does not know
  ///   such events, `ENOSPC` beyond the limit of marks, `EPERM`. See fanotify_mark(2).
  public borrowing func watch(
    _ mark: Mark, for events: EventMask, at directory: Int32,
    path: UnsafePointer<CChar>? = nil, _ options: MarkOptions = []
  ) throws(Errno) {
    try change(FAN_MARK_ADD, mark, events, directory, path, options)
  }

  /// Silences `events` for an object, a mount or a filesystem, for good (Linux 6.0).
  ///
  /// On a directory `EventMask.onChild` silences what is directly in it, and nothing deeper. Leave
  /// `.rename` out: a move across the edge would be lost at both ends.
  /// - Throws: as `watch(_:for:at:path:_:)`. The corresponding C constant is FAN_MARK_IGNORE_SURV.
  public borrowing func ignore(
    _ mark: Mark, for events: EventMask, at directory: Int32,
    path: UnsafePointer<CChar>? = nil, _ options: MarkOptions = []
  ) throws(Errno) {
    try change(
      FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY, mark, events, directory, path,
      options)
  }

  /// Takes `events` away from what is reported; events that are queued already stay.
  ///
  /// - Throws: `ENOENT` where there is no such mark. See fanotify_mark(2).
  public borrowing func remove(
    _ mark: Mark, for events: EventMask, at directory: Int32,
    path: UnsafePointer<CChar>? = nil, _ options: MarkOptions = []
  ) throws(Errno) {
    try change(FAN_MARK_REMOVE, mark, events, directory, path, options)
  }

  /// Removes every mark of one kind. The corresponding C constant is FAN_MARK_FLUSH.
  public borrowing func removeAll(_ mark: Mark) throws(Errno) {
    try change(FAN_MARK_FLUSH, mark, [], AT_FDCWD, "/", [])
  }

  private borrowing func change(
    _ verb: Int32, _ mark: Mark, _ events: EventMask, _ directory: Int32,
    _ path: UnsafePointer<CChar>?, _ options: MarkOptions
  ) throws(Errno) {
    let flags = UInt32(bitPattern: verb | mark.constant) | options.rawValue
    let group = raw
    try retrying { cl_fanotify_mark(group, flags, events.rawValue, directory, path) }
  }
}
