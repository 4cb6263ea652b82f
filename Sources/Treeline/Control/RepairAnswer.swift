/// Something at a destination that is to be looked at once more, and repaired.
public struct RepairSuspect: Sendable, Equatable {
  /// What is suspected, as `scrub --json` says it.
  public var what: String
  /// The object's number in the journal; of what is foreign, that of the directory that it is in.
  public var id: UInt64
  /// Of what is foreign: its name at the destination.
  public var name: [UInt8]

  public init(what: String, id: UInt64, name: [UInt8] = []) {
    self.what = what
    self.id = id
    self.name = name
  }
}

/// What came of it.
public enum RepairOutcome: Sendable, Equatable {
  case repaired
  /// There was nothing to repair.
  case sound
  /// It is still wrong; the text says why.
  case left(String)
}

/// How a request to repair was answered.
public enum RepairAnswer: Sendable, Equatable {
  /// What came of each suspect, in the order in which they were given.
  case done([RepairOutcome])
  /// Nothing was looked at.
  case refused(String)
}

extension RepairAnswer {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      switch self {
      case .done(let outcomes):
        json.member("result", "done")
        json.array("outcomes") { json in
          for outcome in outcomes {
            json.object {
              switch outcome {
              case .repaired: $0.member("outcome", "repaired")
              case .sound: $0.member("outcome", "sound")
              case .left(let why):
                $0.member("outcome", "left")
                $0.member("message", why)
              }
            }
          }
        }
      case .refused(let why):
        json.member("result", "refused")
        json.member("message", why)
      }
    }
  }

  /// The answer in a JSON object that `write(to:)` made; nil when it is none.
  public init?(_ json: JSONValue) {
    switch json["result"].string {
    case "done":
      var outcomes: [RepairOutcome] = []
      for outcome in json["outcomes"].elements {
        switch outcome["outcome"].string {
        case "repaired": outcomes.append(.repaired)
        case "sound": outcomes.append(.sound)
        case "left": outcomes.append(.left(outcome["message"].string ?? ""))
        default: return nil
        }
      }
      self = .done(outcomes)
    case "refused": self = .refused(json["message"].string ?? "")
    default: return nil
    }
  }
}

extension RepairSuspect {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("what", what)
      $0.member("id", id)
      if !name.isEmpty { $0.path("name", name) }
    }
  }

  init?(_ json: JSONValue) {
    guard let what = json["what"].string, let id = json["id"].unsigned else { return nil }
    self.init(what: what, id: id, name: json.path("name") ?? [])
  }
}
