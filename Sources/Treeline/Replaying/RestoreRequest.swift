import LinuxSystem

/// What `restore` is asked to do. Paths are bytes.
public struct RestoreRequest: Sendable {
  public var destination: [UInt8]
  /// What is asked for, from the root of the copy or beneath the destination; none means everything.
  public var paths: [[UInt8]] = []
  /// The moment that is wanted; nil for the last.
  public var at: Moment?
  /// An empty directory, or one that is to be made.
  public var target: [UInt8]

  public init(destination: [UInt8], target: [UInt8]) {
    self.destination = destination
    self.target = target
  }
}

/// A moment that a destination can be asked for.
public struct RestorableMoment: Sendable, Equatable {
  /// The journal's commit.
  public var sequence: UInt64
  public var time: Timestamp
  /// Files that were being written.
  public var unsettledCount: Int
}
