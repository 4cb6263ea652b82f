import LinuxSystem
import Tree

/// When and where the source is looked at though nothing was announced: directory by directory, in the
/// order of the mirror's rows, for a bounded share of the time.
///
/// A pass needs no memory of its own: a directory keeps its row wherever it is moved, and one that gets
/// a row that the pass has left behind was scanned when it was found.
package struct Sweep {
  /// The share of the time that looks may take, from 0, which makes none, to 1.
  package var share: Double = 0
  /// Where the pass under way goes on; nil when none is.
  package internal(set) var place: Mirror.Node? = nil
  /// When the last whole pass ended.
  package private(set) var ended: Timestamp? = nil
  /// Someone waits for a whole pass, whatever it takes.
  package var isWanted = false
  /// When the next step may be made, in monotonic nanoseconds.
  private var due: UInt64 = 0
  private var passBegan: UInt64 = 0

  /// Looks go on for so long before they rest: long enough that waking up for them does not count,
  /// short enough that nobody waits for them.
  package static let stepNanoseconds: UInt64 = 2_000_000
  /// A small tree is not looked at more often.
  package static let passNanosecondsMin: UInt64 = 10_000_000_000
  /// How long a step waits that cannot be made now.
  private static let delayNanoseconds: UInt64 = 100_000_000

  package init() {}

  /// When the next step is due, in monotonic nanoseconds; nil for never.
  package var nextDue: UInt64? { share > 0 ? due : nil }

  package func isDue(now: UInt64) -> Bool { isWanted || (share > 0 && now >= due) }

  /// A step cannot be made now.
  package mutating func delay(now: UInt64) { due = max(due, now + Self.delayNanoseconds) }

  /// A pass begins.
  package mutating func begin(at first: Mirror.Node, now: UInt64) {
    place = first
    passBegan = now
  }

  /// A step was made: it is followed by a rest that makes up for it.
  package mutating func stepped(from start: UInt64, to end: UInt64) {
    guard share > 0 else { return }
    let rest = Double(end - start) * (1 / min(share, 1) - 1)
    due = end + UInt64(min(rest, 1e15))
  }

  /// The pass has seen everything.
  package mutating func end(at time: Timestamp) {
    place = nil
    ended = time
    isWanted = false
    due = max(due, passBegan + Self.passNanosecondsMin)
  }
}
