/// Bytes that are not what Linux would have written.
///
/// A kernel does not do this. It means that the bytes come from elsewhere, or from a kernel whose
/// format is newer than this library; what was read so far is right, the rest is lost as in an
/// overflow of the queue.
public struct EventFormatError: Error, Hashable, Sendable {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// An event says that it is longer than what was read, or shorter than its header.
    case eventLength
    /// The event's format has another version than 3. The corresponding C constant is
    /// FANOTIFY_METADATA_VERSION.
    case version
    /// A record says that it is longer than its event, or shorter than what it must hold.
    case recordLength
    /// A handle says that it is longer than its record, or than any handle is.
    case handleLength
    /// A name does not end within its record.
    case name
  }

  /// What is wrong.
  public let reason: Reason
  /// Where the event begins that is wrong, in bytes from the start of what was read.
  public let offset: Int

  /// An error in the event that begins at `offset`.
  @inlinable
  public init(_ reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}
