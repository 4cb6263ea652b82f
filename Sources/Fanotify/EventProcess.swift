import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// The process that caused an event, in a group that reports processes. The corresponding C type is
/// `fanotify_event_info_pidfd`.
///
/// What /proc says of `Event.pid` may be about another process that has got the same number since. It
/// is true of this one if it was read while the descriptor was held and ``hasExited`` is false
/// afterwards.
public enum EventProcess: Hashable, Sendable {
  /// A descriptor of the process, lent by the buffer of the event: the buffer closes it when it is
  /// read into again, when it goes, or with `EventBuffer.closeDescriptors()`. See pidfd_open(2).
  case descriptor(Int32)
  /// The process ended, and was waited for, before the event was read, or it is none that this
  /// process may see. The corresponding C constant is FAN_NOPIDFD.
  case gone
  /// No descriptor could be made, though the process may live. The corresponding C constant is
  /// FAN_EPIDFD.
  ///
  /// The error is `EMFILE` or `ENFILE` where too many files are open; it is known in a group made
  /// with `NotificationGroup.Options.errorNumbers` alone.
  case failed(Errno?)

  /// Reads what stands in a record: a descriptor, or why there is none.
  @inlinable
  init(_ value: Int32, errorNumbers: Bool) {
    if value >= 0 {
      self = .descriptor(value)
    } else if errorNumbers {
      self = value == -ESRCH ? .gone : .failed(Errno(rawValue: 0 &- value))
    } else {
      // FAN_NOPIDFD is -1, FAN_EPIDFD -2.
      self = value == -1 ? .gone : .failed(nil)
    }
  }
}

extension EventProcess {
  /// Whether the process has ended; true as well where no descriptor is held.
  ///
  /// The descriptor becomes readable when the last thread of the process exits. See pidfd_open(2).
  public var hasExited: Bool {
    guard case .descriptor(let raw) = self else { return true }
    var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    return cl_poll(&entry, 1, 0) != 0
  }

  /// A descriptor of the process that outlasts the buffer; nil where none is held.
  ///
  /// - Throws: `EMFILE` where too many files are open. See fcntl(2), F_DUPFD_CLOEXEC.
  public func keep() throws(Errno) -> Descriptor? {
    guard case .descriptor(let raw) = self else { return nil }
    return Descriptor(owning: try retrying { cl_duplicate(raw) })
  }
}
