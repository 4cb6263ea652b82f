import LinuxSystem
import Tree

/// How a backup or a recording stands.
public struct Status: Sendable, Equatable {
  public enum State: String, Sendable {
    case scanning, following, offline, halted, stopped
  }

  /// Something that could not be brought to the destination, or could not be read.
  public struct Problem: Sendable, Equatable {
    public var path: [UInt8]
    public var message: String
    public init(path: [UInt8], message: String) {
      self.path = path
      self.message = message
    }
    /// As a person reads it.
    public var text: String { path.isEmpty ? message : "\(printable(path)): \(message)" }
  }

  public var state: State
  /// When that began.
  public var since: Timestamp?
  public var source: [UInt8]
  /// Empty when only the journal is written.
  public var destination: [UInt8]
  /// The journal's directory.
  public var journal: [UInt8]
  /// How the source is marked: `filesystem`, `mount` or `inode`.
  public var mark: String
  /// What changes without being reported through such a mark.
  public var unseen: [String] = []
  /// The last durable commit.
  public var captured: Sequence
  /// The last commit that the destination holds.
  public var applied: Sequence
  /// The age of the oldest commit that the destination lacks.
  public var lagSeconds: Double = 0
  /// Changed in the source and not yet at the destination.
  public var pendingObjects: UInt64 = 0
  public var pendingBytes: UInt64 = 0
  public var mirrorNodes: UInt64 = 0
  public var mirrorBytes: UInt64 = 0
  public var overflows: UInt64 = 0
  public var rescans: UInt64 = 0
  /// How many percent of the time go into looking for changes that nothing announced.
  public var sweepPercent: Double = 0
  /// When the last such look at the whole tree ended; nil when none has yet.
  public var sweepEnded: Timestamp?
  public var errors: [Problem] = []
  /// What is mounted inside the source, and whether it is part of it; what was and is away.
  public var mounts: [Problem] = []
  /// From the start of the program until changes were followed; nil before.
  public var readySeconds: Double?
  /// What the destination can give back; who asks looks for it there.
  public var restorable: RestorableRange?

  public init(
    state: State, source: [UInt8], destination: [UInt8], journal: [UInt8], mark: String,
    captured: Sequence, applied: Sequence
  ) {
    self.state = state
    self.source = source
    self.destination = destination
    self.journal = journal
    self.mark = mark
    self.captured = captured
    self.applied = applied
  }
}
