import Tree

extension FlushResult {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("result", word)
      switch self {
      case .done(let sequence): json.member("sequence", sequence.rawValue)
      case .incomplete(let problems): json.problems("errors", problems)
      case .unavailable(let why), .halted(let why), .failed(let why): json.member("message", why)
      }
    }
  }

  /// The result in a JSON object that `write(to:)` made; nil when it is none.
  public init?(_ json: JSONValue) {
    let message = json["message"].string ?? ""
    switch json["result"].string {
    case "done": self = .done(Sequence(json["sequence"].unsigned ?? 0))
    case "incomplete": self = .incomplete(Status.Problem.list(json["errors"]))
    case "unavailable": self = .unavailable(message)
    case "halted": self = .halted(message)
    case "failed": self = .failed(message)
    default: return nil
    }
  }

  /// With what a command that was given this result exits.
  public var exitCode: ExitCode {
    switch self {
    case .done: .done
    case .incomplete: .incomplete
    case .unavailable: .unavailable
    case .halted: .halted
    case .failed: .failed
    }
  }

  private var word: String {
    switch self {
    case .done: "done"
    case .incomplete: "incomplete"
    case .unavailable: "unavailable"
    case .halted: "halted"
    case .failed: "failed"
    }
  }

  /// What others than the owner may see: how many, and no path.
  var withoutPaths: FlushResult {
    guard case .incomplete(let problems) = self else { return self }
    return .incomplete(
      problems.map { _ in Status.Problem(path: [], message: "not shown to this user") })
  }
}
