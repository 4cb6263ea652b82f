import CLinux
import Glibc

extension Refusal {
  /// Why fanotify_init(2) gives EINVAL for these flags; nil where it does not on Linux 6.18.
  package init?(groupFlags flags: UInt32, fileFlags: UInt32) {
    func has(_ constant: Int32) -> Bool { flags & UInt32(bitPattern: constant) != 0 }
    let classes = FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT
    let handles = FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID
    let known =
      classes | handles | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS
      | FAN_ENABLE_AUDIT | FAN_REPORT_TID | FAN_REPORT_PIDFD | CL_FAN_REPORT_FD_ERROR
      | CL_FAN_REPORT_MNT
    if flags & ~UInt32(bitPattern: known) != 0 {
      self = .unknownGroupFlag
    } else if has(FAN_REPORT_PIDFD), has(FAN_REPORT_TID) {
      self = .processOfThread
    } else if has(CL_FAN_REPORT_MNT), has(classes) {
      self = .mountsWithPermission
    } else if has(CL_FAN_REPORT_MNT), has(handles | CL_FAN_REPORT_FD_ERROR) {
      self = .mountsWithObjects
    } else if !Self.isKnown(fileFlags: fileFlags) {
      self = .unknownFileFlag
    } else if has(handles), has(classes) {
      self = .handlesWithPermission
    } else if has(FAN_REPORT_NAME), !has(FAN_REPORT_DIR_FID) {
      self = .nameWithoutDirectory
    } else if has(FAN_REPORT_TARGET_FID), !has(FAN_REPORT_NAME) || !has(FAN_REPORT_FID) {
      self = .targetWithoutName
    } else if has(FAN_CLASS_CONTENT), has(FAN_CLASS_PRE_CONTENT) {
      self = .twoClasses
    } else {
      return nil
    }
  }

  private static func isKnown(fileFlags: UInt32) -> Bool {
    let known = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | CL_O_CLOEXEC | CL_O_LARGEFILE
      | CL_O_NOATIME
    return fileFlags & ~UInt32(bitPattern: known) == 0
      && fileFlags & UInt32(bitPattern: O_ACCMODE) != UInt32(bitPattern: O_ACCMODE)
  }
}
