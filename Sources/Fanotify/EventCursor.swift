/// Walks over the events in the bytes that a read of a group gave.
///
/// It copies nothing and allocates nothing. Every length is checked before it is used, so the bytes
/// may come from anywhere; they need no alignment.
///
/// ```swift
/// try group.read(into: &buffer)
/// var cursor = buffer.events
/// while let event = try cursor.next() {
///   if event.mask.contains(.queueOverflow) { … }
/// }
/// ```
public struct EventCursor: ~Escapable {
  @usableFromInline let bytes: RawSpan
  @usableFromInline let errorNumbers: Bool
  @usableFromInline var offset = 0

  /// A cursor before the first event in `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: what a read of a group gave, or what was recorded of one.
  ///   - errorNumbers: whether the bytes come from a group made with
  ///     `NotificationGroup.Options.errorNumbers`.
  @inlinable
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, errorNumbers: Bool = false) {
    self.bytes = bytes
    self.errorNumbers = errorNumbers
  }

  /// The next event; nil after the last one.
  ///
  /// - Throws: `EventFormatError`, then and at each further call: after a wrong length nothing that
  ///   follows can be believed.
  @inlinable @inline(__always)
  @_lifetime(copy self)
  public mutating func next() throws(EventFormatError) -> Event? {
    let left = bytes.byteCount - offset
    if left == 0 { return nil }
    guard left >= Event.headerBytes else { throw EventFormatError(.eventLength, offset: offset) }
    let length = Int(bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
    guard length >= Event.headerBytes, length <= left else {
      throw EventFormatError(.eventLength, offset: offset)
    }
    let event = try Event(
      bytes.extracting(unchecked: offset..<offset + length), at: offset,
      errorNumbers: errorNumbers)
    offset += length
    return event
  }
}
