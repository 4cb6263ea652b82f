import CLinux
import Glibc

/// A point of wall-clock time as filesystems keep it: seconds since 1970 and nanoseconds.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var seconds: Int64
  /// 0 to 999,999,999.
  public var nanoseconds: UInt32

  @inlinable
  public init(seconds: Int64, nanoseconds: UInt32) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  public static let zero = Timestamp(seconds: 0, nanoseconds: 0)

  @inlinable
  public static func < (a: Timestamp, b: Timestamp) -> Bool {
    a.seconds != b.seconds ? a.seconds < b.seconds : a.nanoseconds < b.nanoseconds
  }

  /// The wall clock now; it may step. The corresponding C constant is CLOCK_REALTIME.
  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }

  /// Nanoseconds since 1970; saturates far outside 1678 to 2262.
  public var nanosecondsSince1970: Int64 {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, again) = product.addingReportingOverflow(Int64(nanoseconds))
    return again ? .max : sum
  }

  public init(nanosecondsSince1970 value: Int64) {
    var seconds = value / 1_000_000_000
    var rest = value % 1_000_000_000
    if rest < 0 {
      rest += 1_000_000_000
      seconds -= 1
    }
    self.init(seconds: seconds, nanoseconds: UInt32(rest))
  }
}

/// Nanoseconds of a clock that never steps. The corresponding C constant is CLOCK_MONOTONIC.
public func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
