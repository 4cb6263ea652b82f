import LinuxSystem

/// The two clocks that capture goes by.
package protocol CaptureClock: AnyObject {
  /// The wall clock, which the source's ctimes are compared with; it may step.
  var now: Timestamp { get }

  /// Nanoseconds of a clock that never steps.
  var monotonic: UInt64 { get }
}

/// The clocks of the system.
final class SystemClock: CaptureClock {
  var now: Timestamp { .now() }
  var monotonic: UInt64 { monotonicNanoseconds() }
}
