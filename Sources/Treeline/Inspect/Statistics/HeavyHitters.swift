/// Counts which keys occur most, in bounded memory: the Space-Saving algorithm of Metwally, Agrawal
/// and El Abbadi (2005), in batches, so that most keys cost one look-up.
///
/// When twice the limit are counted, those with the least counts are dropped. A key that comes after
/// that may be one of them, so it begins with the largest count that was dropped: each count is too high
/// by at most its `error`, and a key that occurs more often than any that was dropped is among those
/// counted. As long as there were no more keys than twice the limit, all is exact.
package struct HeavyHitters<Key: Hashable> {
  package struct Entry {
    package var key: Key
    package var count: UInt64
    /// How much of `count` may be of other keys.
    package var error: UInt64
    /// What came with the key since it was counted: bytes, say.
    package var weight: UInt64
  }

  private let limit: Int
  private var places: [Key: Int] = [:]
  package private(set) var entries: [Entry] = []
  /// The largest count that was dropped.
  private var dropped: UInt64 = 0

  /// - Parameter limit: how many keys are counted at least; at least 1.
  package init(limit: Int) {
    precondition(limit > 0)
    self.limit = limit
  }

  /// Whether some key had to go.
  package var isApproximate: Bool { dropped > 0 }

  /// Counts a key.
  package mutating func add(_ key: Key, count: UInt64 = 1, weight: UInt64 = 0) {
    if let place = places[key] {
      entries[place].count &+= count
      entries[place].weight &+= weight
      return
    }
    if entries.count == 2 * limit { drop() }
    places[key] = entries.count
    entries.append(Entry(key: key, count: dropped &+ count, error: dropped, weight: weight))
  }

  package func contains(_ key: Key) -> Bool { places[key] != nil }

  /// The most frequent, the most frequent first.
  package func top(_ limit: Int) -> [Entry] {
    Array(entries.sorted { $0.count > $1.count }.prefix(limit))
  }

  private mutating func drop() {
    entries.sort { $0.count > $1.count }
    dropped = max(dropped, entries[limit].count)
    entries.removeSubrange(limit...)
    places.removeAll(keepingCapacity: true)
    for (place, entry) in entries.enumerated() { places[entry.key] = place }
  }
}
