import LinuxSystem

/// Which destinations a journal was brought to, and where they were: a file beside the segments, by which
/// the empty place of a disk that is away is told from a new destination.
package struct JournalDestinations {
  package struct Entry: Hashable {
    /// The destination's own number, 16 bytes.
    package var id: [UInt8]
    /// Its path, without links.
    package var path: [UInt8]

    package init(id: [UInt8], path: [UInt8]) {
      self.id = id
      self.path = path
    }
  }

  static let fileName = "destinations"
  private static let title = Array("treeline destinations 1".utf8)
  /// More than anyone rotates; the oldest go first.
  static let countMax = 100
  private static let bytesMax = countMax * (16 + 4_096 + 1) + 64

  package private(set) var entries: [Entry] = []

  package init() {}

  /// Reads what is known; nothing where the file is missing or is none.
  package init(at journal: [UInt8]) {
    guard
      let bytes = try? JournalDirectory(path: journal).read(Self.fileName, limit: Self.bytesMax),
      bytes.starts(with: Self.title)
    else { return }
    var rest = bytes.dropFirst(Self.title.count + 1)
    while rest.count > 16, let end = rest.dropFirst(16).firstIndex(of: 0), entries.count < Self.countMax {
      entries.append(Entry(id: Array(rest.prefix(16)), path: Array(rest.dropFirst(16)[..<end])))
      rest = rest[(end + 1)...]
    }
  }

  /// Notes where a destination is now; another one in its place is forgotten.
  ///
  /// - Returns: whether that is news.
  package mutating func note(_ entry: Entry) -> Bool {
    if entries.contains(entry) { return false }
    entries.removeAll { $0.path == entry.path }
    entries.append(entry)
    if entries.count > Self.countMax { entries.removeFirst() }
    return true
  }

  /// Forgets destinations.
  ///
  /// - Returns: those that were known.
  package mutating func forget(_ isMeant: (Entry) -> Bool) -> [Entry] {
    let meant = entries.filter(isMeant)
    entries.removeAll(where: isMeant)
    return meant
  }

  /// Replaces the file in one step, and makes it durable.
  package func write(at journal: [UInt8]) throws(JournalError) {
    var bytes = Self.title + [0]
    for entry in entries { bytes += entry.id + entry.path + [0] }
    try JournalDirectory(path: journal).replace(Self.fileName, with: bytes)
  }
}
