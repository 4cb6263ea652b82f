import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// A queue of filesystem events that come with an open file, and that may wait for an answer.
///
/// Needs CAP_SYS_ADMIN. It reports what is done to files that are open (`EventMask.open`, `.access`,
/// `.modify`, `.close`), not names: for these there is ``NotificationGroup``.
///
/// Whoever causes a permission event sleeps until it is answered, so a group that gives permission
/// must be read by a thread that does nothing else, and that never touches what is marked except
/// through the files of its events. An event that is dropped without an answer allows. A group that
/// is closed, or whose process dies, lets everything through, also what was read and still waits. See
/// fanotify(7).
public struct DescriptorGroup: FanotifyGroup, ~Copyable {
  let shared: OpenGroup
  /// What the group is for.
  public let duty: Duty
  /// What the group was made with.
  public let options: Options

  /// Makes a group without marks, which never blocks and is not inherited over exec.
  ///
  /// The corresponding C constants FAN_CLOEXEC and FAN_NONBLOCK are always set, and O_CLOEXEC for
  /// files.
  /// - Parameters:
  ///   - duty: whether the group is told, or asked, and when.
  ///   - files: how the files of events are opened.
  ///   - options: what events say beside the file, and how large the group may grow.
  /// - Throws: a refusal where two options contradict; or what fanotify_init(2) gives: `EPERM` without
  ///   privilege; `EINVAL` where the kernel is too old for an option; `EMFILE` when the user has too
  ///   many groups or the process too many files.
  public init(
    _ duty: Duty = .notification, opening files: FileFlags = .readOnly, _ options: Options = []
  ) throws(FanotifyError) {
    self.duty = duty
    self.options = options
    let flags =
      UInt32(bitPattern: duty.constant | FAN_CLOEXEC | FAN_NONBLOCK) | options.rawValue
    let fileFlags = files.rawValue | UInt32(bitPattern: CL_O_CLOEXEC)
    shared = OpenGroup(try makeGroup(flags: flags, fileFlags: fileFlags), flags: flags)
  }

  deinit { shared.close() }

  /// The group's descriptor, to wait on with poll(2) or epoll(7) while the group lives.
  public var raw: Int32 { shared.raw }

  /// The flags that the group was made with, as fanotify_init(2) takes them.
  public var flags: UInt32 { shared.flags }
}
