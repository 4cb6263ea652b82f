import CLinux

/// The C names of bits, to print them.
package struct FlagNames {
  let names: [(bits: UInt64, name: String)]
  /// What no bit at all is called.
  let none: String

  /// The names of the bits that are set, and what has no name as a number.
  package func text(of value: UInt64) -> String {
    var left = value
    var found: [String] = []
    for (bits, name) in names where left & bits == bits {
      found.append(name)
      left &= ~bits
    }
    if left != 0 { found.append("0x" + String(left, radix: 16)) }
    return found.isEmpty ? none : found.joined(separator: " | ")
  }

  private init(none: String, _ names: KeyValuePairs<Int32, String>) {
    self.none = none
    self.names = names.map { (UInt64(UInt32(bitPattern: $0.key)), $0.value) }
  }

  /// Bits of an event mask.
  package static let events = FlagNames(
    none: "0",
    [
      FAN_ACCESS: "FAN_ACCESS", FAN_MODIFY: "FAN_MODIFY", FAN_ATTRIB: "FAN_ATTRIB",
      FAN_CLOSE_WRITE: "FAN_CLOSE_WRITE", FAN_CLOSE_NOWRITE: "FAN_CLOSE_NOWRITE",
      FAN_OPEN: "FAN_OPEN", FAN_MOVED_FROM: "FAN_MOVED_FROM", FAN_MOVED_TO: "FAN_MOVED_TO",
      FAN_CREATE: "FAN_CREATE", FAN_DELETE: "FAN_DELETE", FAN_DELETE_SELF: "FAN_DELETE_SELF",
      FAN_MOVE_SELF: "FAN_MOVE_SELF", FAN_OPEN_EXEC: "FAN_OPEN_EXEC",
      FAN_Q_OVERFLOW: "FAN_Q_OVERFLOW", FAN_FS_ERROR: "FAN_FS_ERROR",
      FAN_OPEN_PERM: "FAN_OPEN_PERM", FAN_ACCESS_PERM: "FAN_ACCESS_PERM",
      FAN_OPEN_EXEC_PERM: "FAN_OPEN_EXEC_PERM", CL_FAN_PRE_ACCESS: "FAN_PRE_ACCESS",
      CL_FAN_MNT_ATTACH: "FAN_MNT_ATTACH", CL_FAN_MNT_DETACH: "FAN_MNT_DETACH",
      FAN_EVENT_ON_CHILD: "FAN_EVENT_ON_CHILD", FAN_RENAME: "FAN_RENAME", FAN_ONDIR: "FAN_ONDIR",
    ])

  /// Flags of fanotify_init(2).
  package static let group = FlagNames(
    none: "FAN_CLASS_NOTIF",
    [
      FAN_CLOEXEC: "FAN_CLOEXEC", FAN_NONBLOCK: "FAN_NONBLOCK",
      FAN_CLASS_CONTENT: "FAN_CLASS_CONTENT", FAN_CLASS_PRE_CONTENT: "FAN_CLASS_PRE_CONTENT",
      FAN_UNLIMITED_QUEUE: "FAN_UNLIMITED_QUEUE", FAN_UNLIMITED_MARKS: "FAN_UNLIMITED_MARKS",
      FAN_ENABLE_AUDIT: "FAN_ENABLE_AUDIT", FAN_REPORT_PIDFD: "FAN_REPORT_PIDFD",
      FAN_REPORT_TID: "FAN_REPORT_TID", FAN_REPORT_FID: "FAN_REPORT_FID",
      FAN_REPORT_DIR_FID: "FAN_REPORT_DIR_FID", FAN_REPORT_NAME: "FAN_REPORT_NAME",
      FAN_REPORT_TARGET_FID: "FAN_REPORT_TARGET_FID",
      CL_FAN_REPORT_FD_ERROR: "FAN_REPORT_FD_ERROR", CL_FAN_REPORT_MNT: "FAN_REPORT_MNT",
    ])

  /// Flags of fanotify_mark(2). The namespace's bits are those of mount and filesystem together, so
  /// it comes before them.
  package static let mark = FlagNames(
    none: "0",
    [
      FAN_MARK_ADD: "FAN_MARK_ADD", FAN_MARK_REMOVE: "FAN_MARK_REMOVE",
      FAN_MARK_FLUSH: "FAN_MARK_FLUSH", CL_FAN_MARK_MNTNS: "FAN_MARK_MNTNS",
      FAN_MARK_MOUNT: "FAN_MARK_MOUNT", FAN_MARK_FILESYSTEM: "FAN_MARK_FILESYSTEM",
      FAN_MARK_DONT_FOLLOW: "FAN_MARK_DONT_FOLLOW", FAN_MARK_ONLYDIR: "FAN_MARK_ONLYDIR",
      FAN_MARK_IGNORED_MASK: "FAN_MARK_IGNORED_MASK",
      FAN_MARK_IGNORED_SURV_MODIFY: "FAN_MARK_IGNORED_SURV_MODIFY",
      FAN_MARK_EVICTABLE: "FAN_MARK_EVICTABLE", FAN_MARK_IGNORE: "FAN_MARK_IGNORE",
    ])

  /// What stands in an answer.
  package static let answer = FlagNames(
    none: "0",
    [FAN_ALLOW: "FAN_ALLOW", FAN_DENY: "FAN_DENY", FAN_AUDIT: "FAN_AUDIT", CL_FAN_INFO: "FAN_INFO"])
}
