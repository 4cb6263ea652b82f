import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// A queue of filesystem events, and the marks that say what it is told of.
///
/// An event is queued before the call that caused it returns. Events identify objects by handle: the
/// group opens no file on its own account. It is closed, and its marks go, with this value.
///
/// Any thread may read while another adds marks. See fanotify(7).
public struct NotificationGroup: ~Copyable, Sendable {
  let descriptor: Descriptor
  /// What the group was made with.
  public let options: Options

  /// Makes a group without marks, which never blocks and is not inherited over exec.
  ///
  /// - Precondition: `options` names a way to identify objects (a handle or `.mounts`).
  /// - Throws: `EPERM` where an option needs privilege; `EINVAL` where the kernel is too old for one
  ///   or two contradict; `EMFILE` when the user has too many groups. See fanotify_init(2).
  public init(_ options: Options = .directoryNameTarget) throws(Errno) {
    precondition(
      !options.isDisjoint(with: [.objectHandle, .directoryHandle, .mounts]),
      "a group identifies objects by handle, or mounts by number")
    self.options = options
    let always = UInt32(bitPattern: FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK)
    // The flags of files that the group would open; it opens none.
    let eventFlags = UInt32(bitPattern: O_RDONLY | CL_O_CLOEXEC)
    descriptor = Descriptor(
      owning: try retrying { cl_fanotify_init(options.rawValue | always, eventFlags) })
  }

  /// The group's descriptor, to wait on with poll(2) or epoll(7) while the group lives.
  ///
  /// With EPOLLET an event that is merged into an unread one gives no edge.
  public var raw: Int32 { descriptor.raw }
}
