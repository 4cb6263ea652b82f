import Tree

/// What the control socket asks of a running backup; called from the socket's threads, several at
/// once.
public protocol ControlHandler: AnyObject, Sendable {
  /// How things stand now; returns at once.
  func status() -> Status

  /// Returns when all that happened in the source before the call is at the destination and synced,
  /// or durable in the journal where there is no destination.
  ///
  /// - Parameters:
  ///   - deadline: on the clock of `monotonicNanoseconds()`; nil waits for as long as it takes. A stop
  ///     of the program ends the wait as well.
  ///   - sweeps: also look at the whole source for what nothing announced.
  func flush(deadline: UInt64?, sweeps: Bool) -> FlushResult

  /// Goes on after a halt, as a person decided; asked only for the one who runs the program, and root.
  ///
  /// - Parameter isDry: whether only to say what would be done.
  func resume(isDry: Bool) -> ResumeResult

  /// Looks once more at what a scrub suspects, and repairs it; asked only for the one who runs the program, and
  /// root.
  func repair(_ suspects: [RepairSuspect]) -> RepairAnswer
}

extension ControlHandler {
  public func repair(_ suspects: [RepairSuspect]) -> RepairAnswer { .refused("it keeps no destination") }
}

/// What came of a request to go on.
public enum ResumeResult: Sendable, Equatable {
  /// This is done now.
  case resumed(String)
  /// This would be done.
  case would(String)
  /// Nothing waits for a person.
  case notHalted
  /// Going on is not possible like this, or not for this user.
  case refused(String)
}

/// How a flush ended.
public enum FlushResult: Sendable, Equatable {
  /// Everything is there, up to this commit.
  case done(Sequence)
  /// These never held still, or failed; the rest is there.
  case incomplete([Status.Problem])
  /// The destination or the source is away.
  case unavailable(String)
  /// A person must decide first.
  case halted(String)
  /// The deadline came first, or the program is being stopped.
  case failed(String)
}
