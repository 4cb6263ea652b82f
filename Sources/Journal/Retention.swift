import Tree

/// How much history a journal keeps. What is older, or more, is dropped, segment by segment.
public struct Retention: Sendable, Equatable {
  /// The age in seconds beyond which a segment is dropped; nil for no bound.
  public var seconds: Int64?
  /// What segments and checkpoints may take together; nil for no bound.
  public var bytes: UInt64?

  /// Cursors hold what they need until the journal takes so many times `bytes`: a destination that never
  /// comes back must not fill the disk.
  static let heldTimesMax: UInt64 = 2
  /// A segment is closed when it is an eighth as old, or as large, as what is kept: so coarse is what is
  /// dropped.
  private static let parts: Int64 = 8
  /// See `JournalDirectory.thinCheckpoints`.
  static let checkpointParts: UInt64 = 4
  private static let segmentBytesMax: Int64 = 64 << 20
  private static let segmentBytesMin: Int64 = 16 << 10

  public init(seconds: Int64? = nil, bytes: UInt64? = nil) {
    self.seconds = seconds
    self.bytes = bytes
  }

  /// The size at which a segment is closed.
  public var segmentBytes: Int64 {
    guard let bytes else { return Self.segmentBytesMax }
    return max(min(Self.segmentBytesMax, Int64(clamping: bytes) / Self.parts), Self.segmentBytesMin)
  }

  /// The age at which a segment is closed; nil for none.
  public var segmentSeconds: Int64? { seconds.map { max($0 / Self.parts, 1) } }

  /// What was dropped, or could be.
  public struct Outcome: Sendable, Equatable {
    /// The commits that are not there any more, up to this one; nil when nothing was dropped.
    public var droppedUpTo: Sequence?
    public var segmentCount = 0
    public var bytes: UInt64 = 0
    /// More would be dropped if there was a newer checkpoint to begin from.
    public var wantsCheckpoint = false
    /// Consumers whose commits were dropped, because the bound was reached.
    public var lost: [JournalCursor] = []

    package init() {}
  }
}
