/// How a command ends; scripts and service units rely on the numbers.
public enum ExitCode: Int32, Sendable {
  /// Done, and exact.
  case done = 0
  case failed = 1
  /// Done, but some objects failed or differ; each was named.
  case incomplete = 3
  /// The source or the destination is not there; a later try may succeed.
  case unavailable = 4
  /// The journal is damaged or has a gap.
  case damaged = 5
  /// Stopped before doing something that a person must decide.
  case halted = 6
  /// Another process holds the lock.
  case locked = 7
  /// Wrong usage. The corresponding C constant is EX_USAGE.
  case usage = 64
}
