import LinuxSystem
import Tree

/// When content that is being written counts as settled.
public struct SettlePolicy: Sendable {
  /// How long nobody must have written; 0 takes each change at once.
  public var quietNanoseconds: Int64
  /// How long an object waits at most that is never quiet.
  public var delayMaxNanoseconds: Int64

  public init(quietNanoseconds: Int64 = 200_000_000, delayMaxNanoseconds: Int64 = 5_000_000_000) {
    self.quietNanoseconds = quietNanoseconds
    self.delayMaxNanoseconds = delayMaxNanoseconds
  }
}

/// The objects whose content was written and has not been committed yet.
package struct Settling {
  struct Entry {
    var id: ObjectID
    var first: Int64
    var last: Int64
    var isClosed: Bool
  }

  /// Who writes a file and is done closes it at once; one that stays open costs a sync of the source,
  /// so that its next change shows. It is given this long, even where each change is taken at once.
  private static let closeNanoseconds: Int64 = 5_000_000

  let policy: SettlePolicy
  private let clock: any CaptureClock
  private var entries: [Mirror.Node: Entry] = [:]
  /// What was seen written last, until it is closed.
  private var written: Mirror.Node?
  /// Until when an object rests that was copied lately.
  private var resting: [ObjectID: Int64] = [:]

  /// An object rests this many times as long as its copy takes, so that one that is written without
  /// pause takes a twentieth of the machine at most. A copy's speed is taken as 1 GB/s.
  static let restPerCopy: Int64 = 20

  init(_ policy: SettlePolicy, clock: any CaptureClock) {
    self.policy = policy
    self.clock = clock
  }

  package var isEmpty: Bool { entries.isEmpty }
  package var count: Int { entries.count }

  /// Whether a file was just seen in the midst of its writing.
  var expectsClose: Bool { written != nil }

  mutating func note(_ id: ObjectID, _ node: Mirror.Node, isClosed: Bool) {
    let now = Int64(clock.monotonic)
    if !isClosed { written = node } else if written == node { written = nil }
    if var entry = entries[node], entry.id == id {
      entry.last = now
      entry.isClosed = isClosed
      entries[node] = entry
    } else {
      entries[node] = Entry(id: id, first: now, last: now, isClosed: isClosed)
    }
  }

  /// Takes out what has settled.
  ///
  /// - Parameter waived: take all, settled or not.
  /// - Returns: the objects, and when the next one is due (monotonic nanoseconds).
  mutating func takeSettled(
    waived: Bool, size: (Mirror.Node, ObjectID) -> UInt64?
  ) -> (settled: [(node: Mirror.Node, isClosed: Bool)], due: UInt64?) {
    written = nil
    guard !entries.isEmpty else { return ([], nil) }
    let now = Int64(clock.monotonic)
    var settled: [(node: Mirror.Node, isClosed: Bool)] = []
    var due = Int64.max
    var gone: [Mirror.Node] = []
    for (node, entry) in entries {
      guard let bytes = size(node, entry.id) else {
        gone.append(node)
        continue
      }
      var ready = entry.first
      if !entry.isClosed {
        let quiet = max(policy.quietNanoseconds, Self.closeNanoseconds)
        ready = min(entry.last + quiet, entry.first + max(policy.delayMaxNanoseconds, quiet))
      }
      ready = max(ready, resting[entry.id] ?? 0)
      if waived || ready <= now {
        settled.append((node, entry.isClosed))
        gone.append(node)
        let rest = max(policy.quietNanoseconds, Int64(clamping: bytes) * Self.restPerCopy)
        resting[entry.id] = now + rest
      } else {
        due = min(due, ready)
      }
    }
    for node in gone { entries[node] = nil }
    if resting.count > 4_096 { resting = resting.filter { $0.value > now } }
    // In one order, whatever that of the dictionary is in this run.
    settled.sort { $0.node.row32 < $1.node.row32 }
    return (settled, due == .max ? nil : UInt64(due))
  }

  /// Forgets all; what was suspect is found again by a pass over the tree.
  mutating func removeAll() {
    entries.removeAll()
    written = nil
  }
}
