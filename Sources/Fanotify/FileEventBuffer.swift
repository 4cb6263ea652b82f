/// The memory that events with open files are read into, and out of which they are taken.
///
/// Each event is taken once, with its descriptors. What was not taken when the buffer is read into
/// again, or goes, is allowed and closed.
public struct FileEventBuffer: ~Copyable, @unchecked Sendable {
  /// The smallest buffer: one event takes 24 bytes, 8 for a process and 24 for a range.
  public static let capacityMin = 64

  let start: UnsafeMutableRawPointer
  /// The number of bytes that the buffer can hold.
  public let capacity: Int
  var count = 0
  private var offset = 0
  private var group: OpenGroup?
  private var errorNumbers = false

  /// Makes an empty buffer.
  ///
  /// A read opens a file for each event that it takes, and an event takes 24 bytes at least: the
  /// default opens 64 at most.
  /// - Precondition: `capacity` is at least `capacityMin`.
  public init(capacity: Int = 1536) {
    precondition(capacity >= Self.capacityMin, "every event must fit")
    start = .allocate(byteCount: capacity, alignment: 8)
    self.capacity = capacity
  }

  deinit {
    Self.letGo(of: UnsafeRawBufferPointer(start: start, count: count), from: offset, group, errorNumbers)
    start.deallocate()
  }

  /// Takes the next event of the last read; nil after the last one.
  ///
  /// - Throws: `EventFormatError`, then and at each further call. What the rest of the bytes held is
  ///   lost; processes that wait for an answer to it wait until the group is closed.
  public mutating func next() throws(EventFormatError) -> FileEvent? {
    guard let group else { return nil }
    var cursor = EventCursor(
      UnsafeRawBufferPointer(start: start, count: count).bytes, errorNumbers: errorNumbers)
    cursor.offset = offset
    guard let event = try cursor.next() else { return nil }
    offset = cursor.offset
    return FileEvent(event, group)
  }

  /// Lets go of what was not taken: processes that wait are allowed, files are closed.
  public mutating func letGo() {
    Self.letGo(of: UnsafeRawBufferPointer(start: start, count: count), from: offset, group, errorNumbers)
    count = 0
    offset = 0
    group = nil
  }

  /// Notes what a read has put into the memory.
  mutating func fill(count: Int, of group: OpenGroup, errorNumbers: Bool) {
    self.count = count
    self.group = group
    self.errorNumbers = errorNumbers
  }

  private static func letGo(
    of bytes: UnsafeRawBufferPointer, from offset: Int, _ group: OpenGroup?,
    _ errorNumbers: Bool
  ) {
    guard let group else { return }
    var cursor = EventCursor(bytes.bytes, errorNumbers: errorNumbers)
    cursor.offset = offset
    while let event = try? cursor.next() { _ = FileEvent(event, group) }
  }
}
