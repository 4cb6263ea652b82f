/// What a client asks: one line of JSON, answered with one line of JSON.
///
///     {"ask":"status"}            the members of `status --json`
///     {"ask":"flush","milliseconds":5000,"sweep":true}   {"result":"done","sequence":12}
///     {"ask":"resume","dry":false}             {"result":"resumed","message":"…"}
///     {"ask":"repair","suspects":[{"what":"rotted","id":12}]}   {"result":"done","outcomes":[{"outcome":"repaired"}]}
///
/// A request that is none of these is answered with `{"error":"…"}`.
enum ControlRequest: Equatable {
  case status
  /// The longest wait, nil for as long as it takes, and whether to look for what nothing announced.
  case flush(milliseconds: UInt64?, sweeps: Bool)
  /// Only says what would be done, or does it.
  case resume(isDry: Bool)
  /// What a scrub suspects; as many as the line holds.
  case repair([RepairSuspect])

  /// No request is longer: about a thousand suspects.
  static let byteCountMax = 65_536

  init?(_ line: [UInt8]) {
    guard let json = JSONValue(line) else { return nil }
    switch json["ask"].string {
    case "status": self = .status
    case "flush": self = .flush(
        milliseconds: json["milliseconds"].unsigned, sweeps: json["sweep"].bool ?? false)
    case "resume": self = .resume(isDry: json["dry"].bool ?? false)
    case "repair":
      let suspects = json["suspects"].elements.map { RepairSuspect($0) }
      guard !suspects.contains(nil) else { return nil }
      self = .repair(suspects.compactMap { $0 })
    default: return nil
    }
  }

  var line: [UInt8] {
    var json = JSONWriter()
    json.object {
      switch self {
      case .status: $0.member("ask", "status")
      case .flush(let milliseconds, let sweeps):
        $0.member("ask", "flush")
        if let milliseconds { $0.member("milliseconds", milliseconds) }
        if sweeps { $0.member("sweep", true) }
      case .resume(let isDry):
        $0.member("ask", "resume")
        $0.member("dry", isDry)
      case .repair(let suspects):
        $0.member("ask", "repair")
        $0.array("suspects") { json in for suspect in suspects { suspect.write(to: &json) } }
      }
    }
    json.newline()
    return json.bytes
  }
}
