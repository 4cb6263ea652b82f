import LinuxSystem

/// Counts what was removed within the last hour, so that a slow deletion of everything is noticed
/// as well as a quick one.
struct RemovalGuard {
  /// The share of the tree that may go within an hour; 100 allows everything.
  let percent: Int

  /// Trees so small that a person empties them by hand are not guarded.
  static let countMin = 100
  private static let hourNanoseconds: UInt64 = 3_600_000_000_000

  private var removed: [(at: UInt64, count: Int)] = []

  init(percent: Int) { self.percent = percent }

  /// A person allowed what was removed so far: only what follows counts.
  mutating func allow() { removed = [] }

  /// The share in percent that is gone within the hour with these removals, if it is more than allowed.
  ///
  /// - Parameter total: the objects in the tree before them.
  mutating func excess(removing count: Int, of total: Int) -> Int? {
    guard percent < 100 else { return nil }
    let now = monotonicNanoseconds()
    removed.removeAll { $0.at + Self.hourNanoseconds < now }
    let earlier = removed.reduce(0) { $0 + $1.count }
    let all = earlier + count
    let before = total + earlier
    return all >= Self.countMin && all * 100 > before * percent ? all * 100 / before : nil
  }

  /// Counts removals that are about to be committed.
  mutating func note(_ count: Int) {
    let now = monotonicNanoseconds()
    if let last = removed.last, last.at + Self.hourNanoseconds / 60 > now {
      removed[removed.count - 1].count += count
    } else {
      removed.append((now, count))
    }
  }
}
