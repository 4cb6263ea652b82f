import LinuxSystem

/// What happened in a span of time.
public struct Activity: Sendable, Equatable {
  public var commitCount: UInt64 = 0
  /// Entries of objects; each stands in at most one of the counts below, the first that fits.
  public var changeCount: UInt64 = 0
  public var createdCount: UInt64 = 0
  public var removedCount: UInt64 = 0
  public var renamedCount: UInt64 = 0
  public var writtenCount: UInt64 = 0
  /// The sizes of the files that were written; what of them was written is not known.
  public var writtenBytes: UInt64 = 0

  package init() {}

  mutating func add(_ other: Activity) {
    commitCount &+= other.commitCount
    changeCount &+= other.changeCount
    createdCount &+= other.createdCount
    removedCount &+= other.removedCount
    renamedCount &+= other.renamedCount
    writtenCount &+= other.writtenCount
    writtenBytes &+= other.writtenBytes
  }
}

/// Activity over time in a bounded number of equal bins: where these do not reach, two become one.
public struct ActivityTimeline: Sendable {
  /// Twice what a wide terminal shows, so that no chart is coarser than it must be.
  package static let binCountMax = 512

  /// The beginning of the first bin, in seconds since 1970.
  public private(set) var startSeconds: Int64 = 0
  /// How long a bin is.
  public private(set) var binSeconds: Int64 = 1
  public private(set) var bins: [Activity] = []

  package init() {}

  /// Adds what happened at a time, which is not before the earlier ones'.
  package mutating func add(_ activity: Activity, at time: Timestamp) {
    if bins.isEmpty { startSeconds = time.seconds }
    let passed = time.seconds.subtractingReportingOverflow(startSeconds)
    // A journal's times never go back; of a forged one nothing is told but that it goes on.
    let seconds = passed.overflow ? Int64.max : max(0, passed.partialValue)
    while seconds / binSeconds >= Int64(Self.binCountMax) { halve() }
    let place = Int(seconds / binSeconds)
    while bins.count <= place { bins.append(Activity()) }
    bins[place].add(activity)
  }

  /// The same in at most so many bins.
  public func inBins(atMost limit: Int) -> ActivityTimeline {
    var timeline = self
    while timeline.bins.count > max(1, limit) {
      // Some widths are no power of two of seconds, so that the bins fill the room.
      let joined = (timeline.bins.count + limit - 1) / limit
      timeline.join(joined)
    }
    return timeline
  }

  private mutating func halve() { join(2) }

  private mutating func join(_ count: Int) {
    bins = stride(from: 0, to: bins.count, by: count).map { first in
      var sum = Activity()
      for bin in bins[first..<min(bins.count, first + count)] { sum.add(bin) }
      return sum
    }
    binSeconds = binSeconds.multipliedReportingOverflow(by: Int64(count)).partialValue
  }
}
