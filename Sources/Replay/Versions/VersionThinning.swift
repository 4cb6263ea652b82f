import LinuxSystem

/// Which versions are kept: all for an hour, those of each full hour for a day, those of each day for as long
/// as is asked for. Hours and days are of UTC, whatever the clock on the wall says.
///
/// A version is needed by the moments at which it was the content of its object. So one that came and went
/// between two full hours is of no more use when it is older than an hour.
package struct VersionThinning: Sendable {
  /// What the clock says, in seconds since 1970.
  package var nowSeconds: Int64
  /// The age in seconds beyond which nothing is kept.
  package var ageSeconds: Int64

  private static let hour: Int64 = 3_600
  private static let day: Int64 = 86_400

  package init(now: Timestamp, ageSeconds: Int64) {
    nowSeconds = now.seconds
    self.ageSeconds = ageSeconds
  }

  /// Whether anything that was replaced then may be dropped.
  package func mayDrop(ended: Timestamp) -> Bool {
    nowSeconds - ended.seconds > min(Self.hour, ageSeconds)
  }

  /// Whether what was replaced then is too old for any use.
  package func isOver(ended: Timestamp) -> Bool { nowSeconds - ended.seconds > ageSeconds }

  /// Whether a content is kept that was at the destination from one moment to another.
  package func keeps(began: Timestamp, ended: Timestamp) -> Bool {
    let age = nowSeconds - ended.seconds
    if isOver(ended: ended) { return false }
    if age <= Self.hour { return true }
    let last = ended.seconds - 1
    let atHour = last - last % Self.hour
    if atHour >= began.seconds, nowSeconds - atHour <= Self.day { return true }
    let atDay = last - last % Self.day
    return atDay >= began.seconds
  }

  /// The last moment at or before one, of those for which versions are kept.
  package func moment(atOrBefore wanted: Timestamp) -> Timestamp {
    if nowSeconds - wanted.seconds <= Self.hour { return wanted }
    let atHour = wanted.seconds - wanted.seconds % Self.hour
    if nowSeconds - atHour <= Self.day { return Timestamp(seconds: atHour, nanoseconds: 0) }
    return Timestamp(seconds: wanted.seconds - wanted.seconds % Self.day, nanoseconds: 0)
  }
}
