import Tree

/// The files that were written and that, as far as is known, nobody has closed since: their writers may
/// go on in ways that no event tells (a shared mapping, libaio, a loop device).
///
/// Each is looked at again after a second, then after twice as long each time, up to `restMax`; a change
/// that is found starts it from a second again.
package struct OpenFiles {
  private struct Entry {
    var id: ObjectID
    var due: UInt64
    var rest: UInt64
  }

  package static let restMin: UInt64 = 1_000_000_000
  package static let restMax: UInt64 = 16_000_000_000
  /// So many looks at 2 µs each within the longest rest take a thousandth of a processor. When the set
  /// is full the ones that have been quiet for long make room, and are left to the sweep.
  package static let countMax = 8_192
  /// Looks that are due so soon after another are made together with it.
  private static let togetherNanoseconds: UInt64 = 250_000_000

  private var entries: [Mirror.Node: Entry] = [:]
  /// When the next look is due, in monotonic nanoseconds; nil when the set is empty.
  package private(set) var due: UInt64? = nil

  package init() {}

  package var count: Int { entries.count }

  /// A file was written, or found changed, and not closed.
  package mutating func note(_ id: ObjectID, _ node: Mirror.Node, now: UInt64) {
    if entries.count >= Self.countMax, entries[node] == nil {
      entries = entries.filter { $0.value.rest < Self.restMax }
      if entries.count >= Self.countMax { return }
    }
    entries[node] = Entry(id: id, due: now + Self.restMin, rest: Self.restMin)
    due = min(due ?? .max, now + Self.restMin)
  }

  /// A file was closed, or is gone.
  package mutating func forget(_ node: Mirror.Node) {
    guard !entries.isEmpty else { return }
    entries[node] = nil
    if entries.isEmpty { due = nil }
  }

  /// The files that are to be looked at now; each is due again later.
  ///
  /// - Parameter all: whether also those are that are not due yet.
  package mutating func takeDue(now: UInt64, all: Bool) -> [(node: Mirror.Node, id: ObjectID)] {
    guard let due, all || due <= now else { return [] }
    var taken: [(node: Mirror.Node, id: ObjectID)] = []
    var next = UInt64.max
    for (node, var entry) in entries {
      if all || entry.due <= now + Self.togetherNanoseconds {
        taken.append((node, entry.id))
        entry.rest = min(entry.rest * 2, Self.restMax)
        entry.due = now + entry.rest
        entries[node] = entry
      }
      next = min(next, entry.due)
    }
    self.due = next
    // A dictionary has another order in every run; one seed of the simulator is one run.
    return taken.sorted { $0.node.row32 < $1.node.row32 }
  }
}
