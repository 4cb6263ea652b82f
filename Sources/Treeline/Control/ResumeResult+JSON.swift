extension ResumeResult {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      switch self {
      case .resumed(let what):
        json.member("result", "resumed")
        json.member("message", what)
      case .would(let what):
        json.member("result", "would")
        json.member("message", what)
      case .notHalted:
        json.member("result", "not-halted")
      case .refused(let why):
        json.member("result", "refused")
        json.member("message", why)
      }
    }
  }

  /// The result in a JSON object that `write(to:)` made; nil when it is none.
  public init?(_ json: JSONValue) {
    let message = json["message"].string ?? ""
    switch json["result"].string {
    case "resumed": self = .resumed(message)
    case "would": self = .would(message)
    case "not-halted": self = .notHalted
    case "refused": self = .refused(message)
    default: return nil
    }
  }

  /// With what a command that was given this result exits.
  public var exitCode: ExitCode {
    switch self {
    case .resumed, .notHalted: .done
    case .would, .refused: .halted
    }
  }
}
