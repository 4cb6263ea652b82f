import LinuxSystem
import Tree

/// Some entries of one directory, as they were read; reused, so that reading allocates nothing per
/// entry.
final class Listing: @unchecked Sendable {
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

  /// Entries in one listing: few enough to stay in the processor's cache on the way.
  static let entriesMax = 512

  /// The directory that was read.
  var directory: ObjectKey
  /// The directory's first entries are in this listing.
  var isFirst = true
  /// The directory's last entries are in this listing.
  var isLast = false
  /// Why the directory could not be read to its end.
  var failure: Int32 = 0
  var entries: [Entry] = []
  var bytes: [UInt8] = []

  init(directory: ObjectKey) { self.directory = directory }

  func begin(_ directory: ObjectKey, isFirst: Bool) {
    self.directory = directory
    self.isFirst = isFirst
    isLast = false
    failure = 0
    entries.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  func store(_ added: UnsafeRawBufferPointer) -> Range<Int> {
    let start = bytes.count
    bytes.append(contentsOf: added)
    return start..<bytes.count
  }
}
