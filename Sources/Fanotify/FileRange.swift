/// A range of a file's bytes. The corresponding C type is `fanotify_event_info_range` (Linux 6.14).
public struct FileRange: Hashable, Sendable {
  /// Where it starts, in bytes from the start of the file.
  public let offset: UInt64
  /// How many bytes it has; 0 where the event concerns no particular ones.
  public let count: UInt64

  /// A range of `count` bytes.
  @inlinable
  public init(offset: UInt64, count: UInt64) {
    self.offset = offset
    self.count = count
  }
}
