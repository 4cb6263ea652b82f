import Journal

/// What a line of `journal show` says was done.
public enum Operation: String, Sendable, CaseIterable {
  case create, remove, rename, link, unlink, write, attributes
  /// It came and went between two commits; who did it was recorded.
  case transient
  // Marks: what happened to the recording itself.
  case start, stop, scan, overflow, rescan
  case filesystemError = "fs-error"
  case mount
  case clockStep = "clock-step"
  case halt, resume
  // In a destination's own log.
  case intent, applied, adopted
  case other

  public init(_ mark: Mark.Kind) {
    self =
      switch mark {
      case .start: .start
      case .stop: .stop
      case .scan: .scan
      case .overflow: .overflow
      case .rescan: .rescan
      case .filesystemError: .filesystemError
      case .mount: .mount
      case .clockStep: .clockStep
      case .halt: .halt
      case .resume: .resume
      case .intent: .intent
      case .applied: .applied
      case .adopted: .adopted
      case .unknown: .other
      }
  }
}

extension Mark.Kind {
  /// Whether the payload is words for a person.
  var isTold: Bool {
    switch self {
    case .filesystemError, .mount, .halt: true
    default: false
    }
  }
}
