/// Counts which keys occur most, in bounded memory: the Space-Saving algorithm of Metwally, Agrawal
/// and El Abbadi (2005).
///
/// A key that is not among those counted takes the place of the least of them, and its count: each
/// count is too high by at most its `error`, and a key that occurs more often than the least count is
/// among them. As long as there were no more keys than places, all is exact.
package struct HeavyHitters<Key: Hashable> {
  package struct Entry {
    package var key: Key
    package var count: UInt64
    /// How much of `count` may be of other keys.
    package var error: UInt64
    /// What came with the key while it had its place: bytes, say.
    package var weight: UInt64
  }

  private let limit: Int
  /// All that was counted, of any key.
  package private(set) var total: UInt64 = 0
  /// A heap: no entry has a smaller count than the one above it.
  private var heap: [Entry] = []
  private var places: [Key: Int] = [:]

  /// - Parameter limit: how many keys are counted at a time; at least 1.
  package init(limit: Int) {
    precondition(limit > 0)
    self.limit = limit
  }

  /// Whether some key had to give up its place.
  package private(set) var isApproximate = false

  /// Counts a key.
  package mutating func add(_ key: Key, count: UInt64 = 1, weight: UInt64 = 0) {
    total &+= count
    if let place = places[key] {
      heap[place].count &+= count
      heap[place].weight &+= weight
      sink(from: place)
    } else if heap.count < limit {
      places[key] = heap.count
      heap.append(Entry(key: key, count: count, error: 0, weight: weight))
      rise(from: heap.count - 1)
    } else {
      isApproximate = true
      let least = heap[0]
      places[least.key] = nil
      places[key] = 0
      heap[0] = Entry(key: key, count: least.count &+ count, error: least.count, weight: weight)
      sink(from: 0)
    }
  }

  /// Those that are counted, in no order.
  package var entries: [Entry] { heap }

  package func contains(_ key: Key) -> Bool { places[key] != nil }

  /// The most frequent, the most frequent first.
  package func top(_ limit: Int) -> [Entry] {
    Array(heap.sorted { $0.count > $1.count }.prefix(limit))
  }

  private mutating func sink(from start: Int) {
    var place = start
    while true {
      var least = place
      for child in (2 * place + 1)...(2 * place + 2) where child < heap.count {
        if heap[child].count < heap[least].count { least = child }
      }
      if least == place { return }
      swap(place, least)
      place = least
    }
  }

  private mutating func rise(from start: Int) {
    var place = start
    while place > 0, heap[place].count < heap[(place - 1) / 2].count {
      swap(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func swap(_ a: Int, _ b: Int) {
    heap.swapAt(a, b)
    places[heap[a].key] = a
    places[heap[b].key] = b
  }
}
