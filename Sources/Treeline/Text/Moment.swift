import Glibc
import LinuxSystem
import Tree

/// A point in a journal as a person names it: a commit's number, or a time.
public enum Moment: Sendable, Equatable {
  case sequence(Sequence)
  case time(Timestamp)

  /// Reads a sequence number, RFC 3339 (`2026-01-31T18:00:00Z`), a local date or date and time
  /// (`2026-01-31 18:00`), `2h ago`, or `now`, `today`, `yesterday`, the latter two with a time of
  /// day after them if wanted.
  ///
  /// - Parameter now: what the relative ones count from.
  /// - Returns: nil when the text is none of these.
  public init?(text: String, now: Timestamp) {
    let words = text.split(separator: " ").map(String.init)
    if words.count == 1, let number = UInt64(words[0]) {
      self = .sequence(Sequence(number))
      return
    }
    let time: Timestamp?
    switch (words.first, words.count) {
    case ("now", 1): time = now
    case ("today", 1...2): time = Self.day(now, back: 0, at: words.dropFirst().first)
    case ("yesterday", 1...2): time = Self.day(now, back: 1, at: words.dropFirst().first)
    case (let span?, 2) where words[1] == "ago": time = Self.before(now, span)
    case (let stamp?, 1) where stamp.contains("T"): time = Self.rfc3339(stamp)
    case (let date?, 1...2): time = Self.date(date, at: words.dropFirst().first)
    default: time = nil
    }
    guard let time else { return nil }
    self = .time(time)
  }

  private static func before(_ now: Timestamp, _ span: String) -> Timestamp? {
    guard let span = Duration(text: span) else { return nil }
    let nanoseconds =
      span.components.seconds * 1_000_000_000 + span.components.attoseconds / 1_000_000_000
    return Timestamp(nanosecondsSince1970: now.nanosecondsSince1970 &- nanoseconds)
  }

  /// A local day, some days before now.
  private static func day(_ now: Timestamp, back: Int32, at clock: String?) -> Timestamp? {
    var seconds = time_t(now.seconds)
    var fields = tm()
    localtime_r(&seconds, &fields)
    fields.tm_mday -= back
    return local(&fields, at: clock)
  }

  private static func date(_ date: String, at clock: String?) -> Timestamp? {
    guard var fields = dateFields(date) else { return nil }
    return local(&fields, at: clock)
  }

  /// The local time of a day; the C library knows when clocks were changed.
  private static func local(_ fields: inout tm, at clock: String?) -> Timestamp? {
    guard let (seconds, _) = clock.map({ clockSeconds($0) }) ?? (0, 0) else { return nil }
    fields.tm_hour = Int32(seconds / 3600)
    fields.tm_min = Int32(seconds / 60 % 60)
    fields.tm_sec = Int32(seconds % 60)
    fields.tm_isdst = -1
    let time = mktime(&fields)
    return Timestamp(seconds: Int64(time), nanoseconds: 0)
  }

  static func rfc3339(_ text: String) -> Timestamp? {
    let parts = text.split(separator: "T", maxSplits: 1).map(String.init)
    guard parts.count == 2, var fields = dateFields(parts[0]) else { return nil }
    var clock = parts[1]
    var offset = 0
    if clock.hasSuffix("Z") {
      clock.removeLast()
    } else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
      guard let (seconds, _) = clockSeconds(String(clock[clock.index(after: sign)...])) else {
        return nil
      }
      offset = clock[sign] == "+" ? seconds : -seconds
      clock = String(clock[..<sign])
    } else {
      return local(&fields, at: clock)
    }
    guard let (seconds, nanoseconds) = clockSeconds(clock) else { return nil }
    let day = timegm(&fields)
    return Timestamp(seconds: Int64(day + seconds - offset), nanoseconds: nanoseconds)
  }

  /// `2026-01-31`
  private static func dateFields(_ text: String) -> tm? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { digits($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
      (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var fields = tm()
    fields.tm_year = Int32(year - 1900)
    fields.tm_mon = Int32(month - 1)
    fields.tm_mday = Int32(day)
    return fields
  }

  /// `18:00`, `18:00:30` or `18:00:30.123`
  private static func clockSeconds(_ text: String) -> (seconds: Int, nanoseconds: UInt32)? {
    let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { digits($0) }
    guard (2...3).contains(parts.count), let hour = parts[0], hour < 24, let minute = parts[1],
      minute < 60
    else { return nil }
    var second = 0
    if parts.count == 3 {
      // 60 is a leap second.
      guard let given = parts[2], given <= 60 else { return nil }
      second = given
    }
    var nanoseconds = 0
    if halves.count == 2 {
      guard (1...9).contains(halves[1].count),
        let fraction = digits(halves[1] + String(repeating: "0", count: 9 - halves[1].count))
      else { return nil }
      nanoseconds = fraction
    }
    return (hour * 3600 + minute * 60 + second, UInt32(nanoseconds))
  }

  private static func digits(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.count <= 9, text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }
}
