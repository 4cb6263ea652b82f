import Glibc

/// The memory that events are read into, and out of which they are lent.
///
/// Nothing is copied out: an event, its handles and its names point into the buffer, so the buffer
/// cannot be read into again while a cursor over it is in use.
public struct EventBuffer: ~Copyable, @unchecked Sendable {
  /// The smallest buffer; the longest event takes less than 1 KiB of it.
  public static let capacityMin = 4096

  let start: UnsafeMutableRawPointer
  /// The number of bytes that the buffer can hold.
  public let capacity: Int
  /// The number of bytes that the last read left.
  public internal(set) var count = 0
  /// Whether events carry descriptors, which the buffer then owns.
  var ownsDescriptors = false
  /// Whether what stands for a missing descriptor is the number of an error.
  var errorNumbers = false

  /// Makes an empty buffer.
  ///
  /// Reading costs the same for each event from 4 KiB up. 64 KiB hold 500 to 1,500 events, so that
  /// a reader that sleeps a few milliseconds between reads drains a busy queue with few calls; with
  /// `NotificationGroup.Options.processDescriptor` use at most 16 KiB.
  /// - Precondition: `capacity` is at least `capacityMin`.
  public init(capacity: Int = 65_536) {
    precondition(capacity >= Self.capacityMin, "every event must fit")
    start = .allocate(byteCount: capacity, alignment: 8)
    self.capacity = capacity
  }

  deinit {
    if ownsDescriptors { Self.closeDescriptors(in: UnsafeRawBufferPointer(start: start, count: count)) }
    start.deallocate()
  }

  /// The bytes of the last read.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count)
      return _overrideLifetime(span, borrowing: self)
    }
  }

  /// A cursor before the first event of the last read.
  public var events: EventCursor {
    @_lifetime(borrow self)
    get { EventCursor(bytes, errorNumbers: errorNumbers) }
  }

  /// Closes the descriptors of processes that came with the last read, and forgets its events.
  ///
  /// The next read does so as well, and so does the end of the buffer: call it where the next read may
  /// be long in coming. In a group that reports no processes there is nothing to close.
  public mutating func closeDescriptors() {
    if ownsDescriptors { Self.closeDescriptors(in: UnsafeRawBufferPointer(start: start, count: count)) }
    ownsDescriptors = false
    count = 0
  }

  private static func closeDescriptors(in bytes: UnsafeRawBufferPointer) {
    var events = EventCursor(bytes.bytes)
    while let event = try? events.next() {
      // A number that is none says the same whatever the group's way of reporting errors.
      if case .descriptor(let raw) = event.process { close(raw) }
    }
  }
}
