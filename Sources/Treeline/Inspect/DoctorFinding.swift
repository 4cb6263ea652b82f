/// One thing that was looked at.
public struct DoctorFinding: Sendable, Equatable {
  public enum Verdict: String, Sendable {
    case works
    /// It works, with something missing that is said.
    case limited
    /// A backup would not work.
    case fails
  }

  public var check: String
  public var verdict: Verdict
  public var found: String
  /// What the person may do about it.
  public var advice: String?

  public init(_ check: String, _ verdict: Verdict, _ found: String, advice: String? = nil) {
    self.check = check
    self.verdict = verdict
    self.found = found
    self.advice = advice
  }
}
