import CLinux
import Glibc
import LinuxSystem
import SystemPackage

extension FanotifyGroup where Self: ~Copyable {
  /// Adds `events` to what is reported of an object, a mount, a filesystem or a mount namespace.
  ///
  /// The corresponding C constant is FAN_MARK_ADD.
  /// - Parameters:
  ///   - mark: what kind of thing is marked.
  ///   - events: what is to be reported from now on, beside what is reported already.
  ///   - directory: an open object, not one opened with O_PATH; or, where `path` is given, the
  ///     directory from which it starts, or AT_FDCWD.
  ///   - path: nil for the open object itself.
  ///   - options: how the object is found, and how long the mark lasts.
  /// - Throws: a refusal that was known before; or what fanotify_mark(2) gives: `EXDEV` on a btrfs
  ///   subvolume (mark the top-level mount), `EOPNOTSUPP` or `ENODEV` where the filesystem has no
  ///   lasting handles or no id, `EEXIST` where an evictable mark would replace one that is not,
  ///   `ENOSPC` beyond the limit of marks, `EPERM`.
  public borrowing func watch(
    _ mark: Mark, for events: EventMask, at directory: Int32,
    path: UnsafePointer<CChar>? = nil, _ options: MarkOptions = []
  ) throws(FanotifyError) {
    try change(FAN_MARK_ADD, mark, events, directory, path, options)
  }

  /// Silences `events` for an object, a mount or a filesystem.
  ///
  /// With the default rule it is for good, and on a directory `EventMask.onChild` silences what is
  /// directly in it, and nothing deeper. Leave `.rename` out: a move across the edge would be lost at
  /// both ends.
  /// - Throws: as `watch(_:for:at:path:_:)`; and for a rule that ends with a change `EISDIR` on a
  ///   directory; `EEXIST` where a rule that lasts, or a newer one, is there already.
  public borrowing func ignore(
    _ mark: Mark, for events: EventMask, _ rule: IgnoreRule = .lasting, at directory: Int32,
    path: UnsafePointer<CChar>? = nil, _ options: MarkOptions = []
  ) throws(FanotifyError) {
    try change(FAN_MARK_ADD | rule.constant, mark, events, directory, path, options)
  }

  /// Takes `events` away from what is reported; events that are queued already stay.
  ///
  /// The corresponding C constant is FAN_MARK_REMOVE.
  /// - Throws: `ENOENT` where there is no such mark. See fanotify_mark(2).
  public borrowing func remove(
    _ mark: Mark, for events: EventMask, at directory: Int32,
    path: UnsafePointer<CChar>? = nil, _ options: MarkOptions = []
  ) throws(FanotifyError) {
    try change(FAN_MARK_REMOVE, mark, events, directory, path, options)
  }

  /// Takes `events` away from what is silenced.
  ///
  /// The rule is the one that was given to `ignore(_:for:_:at:path:_:)`; an old one leaves the flags
  /// `EventMask.onDirectory` and `.onChild` alone.
  /// - Throws: `ENOENT` where there is no such mark. See fanotify_mark(2).
  public borrowing func stopIgnoring(
    _ mark: Mark, for events: EventMask, _ rule: IgnoreRule = .lasting, at directory: Int32,
    path: UnsafePointer<CChar>? = nil, _ options: MarkOptions = []
  ) throws(FanotifyError) {
    try change(FAN_MARK_REMOVE | rule.constant, mark, events, directory, path, options)
  }

  /// Removes every mark of one kind, what is silenced included. The corresponding C constant is
  /// FAN_MARK_FLUSH.
  public borrowing func removeAll(_ mark: Mark) throws(FanotifyError) {
    try change(FAN_MARK_FLUSH, mark, [], AT_FDCWD, nil, [])
  }

  borrowing func change(
    _ verb: Int32, _ mark: Mark, _ events: EventMask, _ directory: Int32,
    _ path: UnsafePointer<CChar>?, _ options: MarkOptions
  ) throws(FanotifyError) {
    let flags = UInt32(bitPattern: verb | mark.constant) | options.rawValue
    let call = FanotifyError.Call.mark(flags: flags, events: events)
    if let refusal = Refusal(markFlags: flags, events: events, groupFlags: self.flags) {
      throw FanotifyError(call, refusal)
    }
    let group = raw
    do throws(Errno) {
      try retrying { cl_fanotify_mark(group, flags, events.rawValue, directory, path) }
    } catch {
      throw FanotifyError(call, error)
    }
  }
}
