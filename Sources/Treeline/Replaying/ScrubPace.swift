import Glibc
import LinuxSystem

/// Holds a scrub to a rate.
struct ScrubPace {
  private let bytesPerSecond: UInt64?
  private var began: UInt64?
  private var bytes: UInt64 = 0

  init(bytesPerSecond: UInt64?) { self.bytesPerSecond = bytesPerSecond }

  /// Waits as long as so many bytes must take.
  ///
  /// - Returns: false when it is to end.
  mutating func wait(_ count: Int, _ isStopping: Guarded<Bool>) -> Bool {
    guard let bytesPerSecond, count > 0 else { return !isStopping.with { $0 } }
    let start = began ?? monotonicNanoseconds()
    began = start
    bytes += UInt64(count)
    let due = start + UInt64(Double(bytes) / Double(max(bytesPerSecond, 1)) * 1e9)
    return isStopping.wait(until: due) { $0 ? true : nil } == nil
  }
}
