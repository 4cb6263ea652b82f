/// Decides when what could not be looked at is tried again: after two seconds, then after twice as
/// long each time, and sooner when something happens there.
package struct TroubleRetry {
  /// When the next try is due, in monotonic nanoseconds; nil without troubles.
  package private(set) var due: UInt64? = nil
  /// How long the next rest is.
  private var rest = Self.restMin
  /// How many troubles there were at the last plan.
  private var known = 0
  /// Before this nothing is tried, whatever happens.
  private var earliest: UInt64 = 0

  package init() {}

  package static let restMin: UInt64 = 2_000_000_000
  package static let restMax: UInt64 = 300_000_000_000
  /// A try may list a directory of a million names: it is followed by a rest that is this many times
  /// as long, so that tries take a sixteenth of the time at most.
  package static let restPerTry: UInt64 = 16

  /// There are so many troubles: a try is planned if none is, and an early one if there are more.
  package mutating func plan(_ count: Int, now: UInt64) {
    if count > known {
      rest = Self.restMin
      due = min(due ?? .max, max(now + rest, earliest))
    }
    known = count
    if due == nil { due = max(now + rest, earliest) }
  }

  /// Something happened where a trouble is: the next try comes as early as one may.
  package mutating func hurry(now: UInt64) {
    rest = Self.restMin
    if let due { self.due = min(due, max(now, earliest)) }
  }

  /// A try was made; what it did not heal is tried again later.
  package mutating func tried(from start: UInt64, to end: UInt64) {
    earliest = end + max(Self.restMin, (end - start) * Self.restPerTry)
    due = nil
    rest = min(rest * 2, Self.restMax)
  }

  /// There are no troubles any more.
  package mutating func end() {
    due = nil
    rest = Self.restMin
    known = 0
  }
}
