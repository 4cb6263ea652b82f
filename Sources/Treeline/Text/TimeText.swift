import Glibc
import LinuxSystem

extension Timestamp {
  /// RFC 3339 in UTC, to the nanosecond: `2026-01-31T12:00:00.123456789Z`.
  public var rfc3339: String {
    var seconds = time_t(self.seconds)
    var fields = tm()
    gmtime_r(&seconds, &fields)
    var text = Self.date(fields, UInt8(ascii: "T"))
    Self.append(Int(nanoseconds), 9, to: &text)
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// As a person reads it here: `2026-01-31 13:00:00.123`, in local time.
  public var localText: String {
    var seconds = time_t(self.seconds)
    var fields = tm()
    localtime_r(&seconds, &fields)
    var text = Self.date(fields, UInt8(ascii: " "))
    Self.append(Int(nanoseconds / 1_000_000), 3, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Up to the point after the seconds.
  private static func date(_ fields: tm, _ separator: UInt8) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(32)
    append(Int(fields.tm_year) + 1900, 4, to: &text)
    text.append(UInt8(ascii: "-"))
    append(Int(fields.tm_mon) + 1, 2, to: &text)
    text.append(UInt8(ascii: "-"))
    append(Int(fields.tm_mday), 2, to: &text)
    text.append(separator)
    append(Int(fields.tm_hour), 2, to: &text)
    text.append(UInt8(ascii: ":"))
    append(Int(fields.tm_min), 2, to: &text)
    text.append(UInt8(ascii: ":"))
    append(Int(fields.tm_sec), 2, to: &text)
    text.append(UInt8(ascii: "."))
    return text
  }

  /// A number, with zeros before it up to a width; years may be longer, or negative.
  private static func append(_ number: Int, _ width: Int, to text: inout [UInt8]) {
    var bound = 1
    for _ in 0..<width { bound *= 10 }
    guard number >= 0, number < bound else {
      let digits = String(number)
      text += repeatElement(UInt8(ascii: "0"), count: max(0, width - digits.utf8.count))
      text += digits.utf8
      return
    }
    while bound > 1 {
      bound /= 10
      text.append(UInt8(ascii: "0") + UInt8(number / bound % 10))
    }
  }
}
