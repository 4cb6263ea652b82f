import SystemPackage

/// What a person is told when a command cannot go on: what failed, where, why, and what to do.
public struct TreelineError: Error, Sendable, CustomStringConvertible {
  /// What was tried, as the rest of "cannot …": `open the journal`.
  public var what: String
  /// The path it was tried on.
  public var path: [UInt8]?
  public var why: String
  /// What the person may do next.
  public var advice: String?
  public var exitCode: ExitCode

  public init(
    _ what: String, path: [UInt8]? = nil, why: String, advice: String? = nil,
    exitCode: ExitCode = .failed
  ) {
    self.what = what
    self.path = path
    self.why = why
    self.advice = advice
    self.exitCode = exitCode
  }

  /// The error of a system call.
  public init(
    _ what: String, path: [UInt8]? = nil, _ errno: Errno, advice: String? = nil,
    exitCode: ExitCode = .failed
  ) {
    self.init(what, path: path, why: errno.description, advice: advice, exitCode: exitCode)
  }

  /// One line.
  public var description: String {
    var line = "cannot \(what)"
    if let path { line += " \(printable(path))" }
    line += ": \(why)"
    if let advice { line += "; \(advice)" }
    return line
  }
}
