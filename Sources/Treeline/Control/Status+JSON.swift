import Tree

extension Status {
  /// Writes the members of `status --json`.
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("state", state.rawValue)
      if let since { json.member("since", since.rfc3339) } else { json.null("since") }
      json.path("source", source)
      if destination.isEmpty { json.null("destination") } else { json.path("destination", destination) }
      json.path("journal", journal)
      json.member("mark", mark)
      json.array("unseen") { json in for text in unseen { json.element(text) } }
      json.member("captured", captured.rawValue)
      json.member("applied", applied.rawValue)
      json.member("lag_seconds", seconds: lagSeconds)
      json.object("pending") {
        $0.member("objects", pendingObjects)
        $0.member("bytes", pendingBytes)
      }
      json.object("mirror") {
        $0.member("nodes", mirrorNodes)
        $0.member("bytes", mirrorBytes)
      }
      json.member("overflows", overflows)
      json.member("rescans", rescans)
      json.object("sweep") {
        $0.member("percent", seconds: sweepPercent)
        if let sweepEnded { $0.member("ended", sweepEnded.rfc3339) } else { $0.null("ended") }
      }
      if let restorable {
        json.object("restorable") { restorable.writeMembers(&$0) }
      } else {
        json.null("restorable")
      }
      json.problems("errors", errors)
      json.problems("mounts", mounts)
      if let readySeconds {
        json.member("ready_seconds", seconds: readySeconds)
      } else {
        json.null("ready_seconds")
      }
    }
  }

  /// The status in a JSON object that `write(to:)` made; nil when it is none.
  public init?(_ json: JSONValue) {
    guard let state = json["state"].string.flatMap(State.init(rawValue:)),
      let captured = json["captured"].unsigned, let applied = json["applied"].unsigned
    else { return nil }
    self.init(
      state: state, source: json.path("source") ?? [], destination: json.path("destination") ?? [],
      journal: json.path("journal") ?? [], mark: json["mark"].string ?? "",
      captured: Sequence(captured), applied: Sequence(applied))
    since = json["since"].string.flatMap { Moment.rfc3339($0) }
    unseen = json["unseen"].elements.compactMap(\.string)
    lagSeconds = json["lag_seconds"].double ?? 0
    pendingObjects = json["pending"]["objects"].unsigned ?? 0
    pendingBytes = json["pending"]["bytes"].unsigned ?? 0
    mirrorNodes = json["mirror"]["nodes"].unsigned ?? 0
    mirrorBytes = json["mirror"]["bytes"].unsigned ?? 0
    overflows = json["overflows"].unsigned ?? 0
    rescans = json["rescans"].unsigned ?? 0
    sweepPercent = json["sweep"]["percent"].double ?? 0
    sweepEnded = json["sweep"]["ended"].string.flatMap { Moment.rfc3339($0) }
    errors = Problem.list(json["errors"])
    mounts = Problem.list(json["mounts"])
    readySeconds = json["ready_seconds"].double
  }

  /// What others than the owner may see: counts, and no path.
  var withoutPaths: Status {
    var bare = self
    bare.source = []
    bare.destination = []
    bare.journal = []
    bare.mounts = []
    bare.errors = errors.map { _ in Problem(path: [], message: "not shown to this user") }
    return bare
  }
}

extension Status.Problem {
  static func list(_ json: JSONValue) -> [Status.Problem] {
    json.elements.map {
      Status.Problem(path: $0.path("path") ?? [], message: $0["message"].string ?? "")
    }
  }
}

extension JSONWriter {
  mutating func problems(_ name: StaticString, _ problems: [Status.Problem]) {
    array(name) { json in
      for problem in problems {
        json.object {
          $0.path("path", problem.path)
          $0.member("message", problem.message)
        }
      }
    }
  }
}
