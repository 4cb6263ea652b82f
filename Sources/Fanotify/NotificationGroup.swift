import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// A queue of filesystem events that identify objects by handle, and the marks that say what it is
/// told of.
///
/// An event is queued before the call that caused it returns. The group opens no file on its own
/// account; ``DescriptorGroup`` is the one that does. It is closed, and its marks go, with this value.
///
/// Any thread may read while another adds marks. See fanotify(7).
public struct NotificationGroup: FanotifyGroup, ~Copyable {
  let descriptor: Descriptor
  /// What the group was made with.
  public let options: Options
  let reportsProcesses: Bool
  let reportsErrorNumbers: Bool

  /// Makes a group without marks, which never blocks and is not inherited over exec.
  ///
  /// The corresponding C constants are FAN_CLASS_NOTIF, FAN_CLOEXEC and FAN_NONBLOCK, which are
  /// always set.
  /// - Precondition: `options` names a way to identify objects (a handle or `.mounts`).
  /// - Throws: a refusal where two options contradict; or what fanotify_init(2) gives: `EPERM` where
  ///   an option needs privilege; `EINVAL` where the kernel is too old for one; `EMFILE` when the
  ///   user has too many groups or the process too many files.
  public init(_ options: Options = .directoryNameTarget) throws(FanotifyError) {
    precondition(
      !options.isDisjoint(with: [.directoryNameTarget, .mounts]),
      "a group identifies objects by handle, or mounts by number")
    self.options = options
    reportsProcesses = options.contains(.processDescriptor)
    reportsErrorNumbers = options.contains(.errorNumbers)
    // The flags of files that the group would open; it opens none.
    let fileFlags = UInt32(bitPattern: O_RDONLY | CL_O_CLOEXEC)
    descriptor = try makeGroup(flags: Self.flags(options), fileFlags: fileFlags)
  }

  private static func flags(_ options: Options) -> UInt32 {
    UInt32(bitPattern: FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK) | options.rawValue
  }

  /// The group's descriptor, to wait on with poll(2) or epoll(7) while the group lives.
  ///
  /// With EPOLLET an event that is merged into an unread one gives no edge.
  public var raw: Int32 { descriptor.raw }

  /// The flags that the group was made with, as fanotify_init(2) takes them.
  public var flags: UInt32 { Self.flags(options) }
}
