import Glibc
import LinuxSystem

extension Timestamp {
  /// RFC 3339 in UTC, to the nanosecond: `2026-01-31T12:00:00.123456789Z`.
  public var rfc3339: String {
    var seconds = time_t(self.seconds)
    var fields = tm()
    gmtime_r(&seconds, &fields)
    return Self.date(fields, "T") + "." + Self.padded(Int(nanoseconds), 9) + "Z"
  }

  /// As a person reads it here: `2026-01-31 13:00:00.123`, in local time.
  public var localText: String {
    var seconds = time_t(self.seconds)
    var fields = tm()
    localtime_r(&seconds, &fields)
    return Self.date(fields, " ") + "." + Self.padded(Int(nanoseconds / 1_000_000), 3)
  }

  private static func date(_ fields: tm, _ separator: String) -> String {
    padded(Int(fields.tm_year) + 1900, 4) + "-" + padded(Int(fields.tm_mon) + 1, 2) + "-"
      + padded(Int(fields.tm_mday), 2) + separator + padded(Int(fields.tm_hour), 2) + ":"
      + padded(Int(fields.tm_min), 2) + ":" + padded(Int(fields.tm_sec), 2)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
