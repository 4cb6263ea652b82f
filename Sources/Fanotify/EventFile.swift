import Glibc
import LinuxSystem
import SystemPackage

/// The file of an event in a group that reports descriptors.
public enum EventFile: Hashable, Sendable {
  /// A descriptor of the file, open as the group says; the event owns it and closes it.
  ///
  /// What is done through it causes no events. /proc/self/fd tells a path that led to it.
  case descriptor(Int32)
  /// There is no file: events were lost. The corresponding C constant is FAN_NOFD.
  case none
  /// The file could not be opened; in a group made with `DescriptorGroup.Options.errorNumbers`.
  case failed(Errno)

  init(_ value: Int32, errorNumbers: Bool) {
    if value >= 0 {
      self = .descriptor(value)
    } else if errorNumbers, value != -EBADF {
      self = .failed(Errno(rawValue: 0 &- value))
    } else {
      // FAN_NOFD is -1; a group that reports errors says EBADF where there is nothing to open.
      self = .none
    }
  }
}
