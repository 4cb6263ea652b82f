import CLinux
import LinuxSystem
import SystemPackage

/// What a group that reports descriptors and one that reports handles have in common: marks, and a
/// queue.
///
/// The two kinds are ``NotificationGroup`` and ``DescriptorGroup``; nothing else is meant to conform.
/// Any thread may read while another changes marks. See fanotify(7).
public protocol FanotifyGroup: ~Copyable, Sendable {
  /// The group's descriptor, to wait on with poll(2) or epoll(7) while the group lives.
  ///
  /// With EPOLLET an event that is merged into an unread one gives no edge.
  var raw: Int32 { get }

  /// The flags that the group was made with, as fanotify_init(2) takes them.
  var flags: UInt32 { get }
}

/// Makes a group; what is known to be refused is not even tried.
func makeGroup(flags: UInt32, fileFlags: UInt32) throws(FanotifyError) -> Descriptor {
  let call = FanotifyError.Call.makeGroup(flags: flags, fileFlags: fileFlags)
  if let refusal = Refusal(groupFlags: flags, fileFlags: fileFlags) {
    throw FanotifyError(call, refusal)
  }
  do throws(Errno) {
    return Descriptor(owning: try retrying { cl_fanotify_init(flags, fileFlags) })
  } catch {
    throw FanotifyError(call, error)
  }
}
