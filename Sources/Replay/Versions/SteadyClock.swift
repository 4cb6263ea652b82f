import Glibc
import LinuxSystem

/// Whether the clock on the wall may be believed where something is let go of because of its age.
///
/// A clock that was set a month ahead, by a battery that ran out or by hand, would have all that is kept let go of
/// at once. So it is believed when it has gone with the time since the machine was started for an hour.
package struct SteadyClock: Sendable {
  /// How far the two may be apart from what they were, in seconds: clocks are adjusted a little all the time.
  private static let driftMax: Int64 = 60
  /// How long a wrong clock mostly stays so after a start: until the network is asked.
  private static let patience: Int64 = 3_600

  /// The wall's time less the machine's, when they went together last, and since when they do.
  private var offset: Int64?
  private var since: Int64 = 0

  package init() {}

  /// Takes in what both clocks say now.
  ///
  /// - Parameter running: seconds since the machine was started, sleep counted.
  /// - Returns: whether they have gone together for long enough.
  package mutating func isSteady(wall: Timestamp, running: Int64) -> Bool {
    let now = wall.seconds - running
    if let offset, abs(now - offset) <= Self.driftMax {
      return running - since >= Self.patience
    }
    offset = now
    since = running
    return false
  }

  /// Takes in what they say at this moment.
  package mutating func isSteady() -> Bool {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return isSteady(wall: .now(), running: Int64(time.tv_sec))
  }
}
