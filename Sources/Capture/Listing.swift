import LinuxSystem
import Tree

/// Entries of one directory or of several small ones, as they were read; reused, so that reading
/// allocates nothing per entry, and handed over together, so that threads wake each other seldom.
package final class Listing: @unchecked Sendable {
  /// The entries of one directory that are in this listing: all of them, or some.
  struct Part {
    /// The directory that was read.
    var directory: ObjectKey
    /// The directory's first entries are in this part.
    var isFirst: Bool
    /// The directory's last entries are in this part.
    var isLast = false
    /// Why the directory could not be read to its end.
    var failure: Int32 = 0
    var entries: Range<Int>
  }

  struct Entry {
    var name: Range<Int>
    var key: ObjectKey
    var observation: Observation
    /// Extended attributes, in the encoding of `ExtendedAttributeReader`.
    var extendedAttributes: Range<Int>
    /// The target of a symbolic link.
    var target: Range<Int>
    /// Handle and attributes are not of one object: the name must be looked at again.
    var isTorn: Bool
  }

  /// Entries and directories in one listing: few enough to stay in the processor's cache on the
  /// way.
  static let entriesMax = 512
  static let partsMax = 512
  /// A listing with this many bytes of names and extended attributes is full; one entry more may
  /// be in it.
  static let bytesMax = 128 * 1024

  /// Which of several readers filled it: the parts of one directory come from one reader, in order.
  var reader = 0
  private(set) var parts: [Part] = []
  var entries: [Entry] = []
  var bytes: [UInt8] = []

  package init() {}

  var isFull: Bool {
    entries.count >= Self.entriesMax || bytes.count >= Self.bytesMax
      || parts.count >= Self.partsMax
  }

  package func removeAll() {
    parts.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  /// What is stored from here on is of this directory.
  package func begin(_ directory: ObjectKey, isFirst: Bool) {
    parts.append(
      Part(directory: directory, isFirst: isFirst, entries: entries.count..<entries.count))
  }

  /// Ends the part that was begun last.
  package func end(isLast: Bool) {
    let part = parts.count - 1
    parts[part].isLast = isLast
    parts[part].entries = parts[part].entries.lowerBound..<entries.count
  }

  /// The part that was begun last could not be read, or some name in it not be looked at.
  package func fail(_ code: Int32) { parts[parts.count - 1].failure = code }

  @inline(__always)
  func store(_ added: UnsafeRawBufferPointer) -> Range<Int> {
    let start = bytes.count
    bytes.append(contentsOf: added)
    return start..<bytes.count
  }
}
