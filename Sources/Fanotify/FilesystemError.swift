import SystemPackage

/// Damage that a filesystem found in itself. The corresponding C type is
/// `fanotify_event_info_error`.
public struct FilesystemError: Hashable, Sendable {
  /// The error number of the first error since the last event.
  public let code: Int32
  /// The number of errors since the last event.
  public let count: UInt32

  /// The same as an error of a call: `EUCLEAN`, which is EFSCORRUPTED, `EBADMSG`, which is EFSBADCRC,
  /// `EIO`, and so on.
  public var errno: Errno { Errno(rawValue: code) }

  /// What a record says.
  @inlinable
  public init(code: Int32, count: UInt32) {
    self.code = code
    self.count = count
  }
}
