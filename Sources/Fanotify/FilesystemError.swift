/// Damage that a filesystem found in itself. The corresponding C type is
/// `fanotify_event_info_error`.
public struct FilesystemError: Hashable, Sendable {
  /// The error number of the first error since the last event.
  public let code: Int32
  /// The number of errors since the last event.
  public let count: UInt32

  @inlinable
  public init(code: Int32, count: UInt32) {
    self.code = code
    self.count = count
  }
}
