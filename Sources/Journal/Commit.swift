import LinuxSystem
import Tree

/// What is said of a commit as a whole.
public struct CommitFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The tree was like this at one instant.
  public static let exact = CommitFlags(rawValue: 1)
  /// A part of a first scan: no point to stop at, and nothing is removed for it.
  public static let partial = CommitFlags(rawValue: 2)
  /// The first commit since the journal was opened for writing.
  public static let incarnation = CommitFlags(rawValue: 4)
}

/// What stands before the changes of a commit.
public struct CommitHeader: Sendable {
  public var flags: CommitFlags
  /// Never before that of an earlier commit, whatever the clock did.
  public var time: Timestamp
  /// What the clock said.
  public var rawTime: Timestamp
  /// The last complete drain of the kernel's queue before the observation, in seconds since 1970.
  public var drainedSeconds: Int64
  /// Random for every opening for writing.
  public var incarnation: UInt64

  public init(
    flags: CommitFlags = [], time: Timestamp = .zero, rawTime: Timestamp = .zero,
    drainedSeconds: Int64 = 0, incarnation: UInt64 = 0
  ) {
    self.flags = flags
    self.time = time
    self.rawTime = rawTime
    self.drainedSeconds = drainedSeconds
    self.incarnation = incarnation
  }
}

/// Something that happened to the recording itself, or that a consumer keeps with its log.
public struct Mark: Hashable, Sendable {
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// Recording began; the payload is the boot id.
    case start = 1
    /// Recording was stopped in order.
    case stop = 2
    /// A first look at the whole tree was completed.
    case scan = 3
    /// Events were lost.
    case overflow = 4
    /// The whole tree was looked at again.
    case rescan = 5
    /// The filesystem reported an error of its own; the payload says which.
    case filesystemError = 6
    /// Something was mounted or unmounted at the source, or changed; the payload says what.
    case mount = 7
    case clockStep = 8
    case halt = 9
    case resume = 10
    /// In a destination's log: what is about to be done.
    case intent = 32
    /// In a destination's log: it was done; the payload has the cursor and the exceptions.
    case applied = 33
    case adopted = 34
    /// A kind that this version does not know.
    case unknown = 255
  }

  public var kind: Kind
  public var payload: [UInt8]

  public init(kind: Kind, payload: [UInt8] = []) {
    self.kind = kind
    self.payload = payload
  }
}

/// One net change of the tree, with what is said about it.
public struct Commit: Sendable {
  /// The last commit that it stands for: the only one, unless it is the net change of several.
  public var cursor: Cursor
  /// The first commit that it stands for.
  public var first: Sequence
  /// The time of the first.
  public var firstTime: Timestamp
  public var header: CommitHeader
  public var marks: [Mark]
  public var changes: ChangeSet
  /// Who made them, as far as that was recorded and is known.
  public var attribution = Attribution()

  /// Whether it is the net change of several commits, which compaction made one.
  public var isNet: Bool { commitCount > 1 }

  /// How many commits it stands for.
  public var commitCount: UInt64 {
    // One that was made by hand and not read has no first.
    first > .zero && first < cursor.sequence ? cursor.sequence.rawValue - first.rawValue + 1 : 1
  }

  public init() {
    first = .zero
    firstTime = .zero
    cursor = Cursor(
      journal: JournalID([UInt8](repeating: 0, count: 16)), sequence: .zero, chain: .start)
    header = CommitHeader()
    marks = []
    changes = ChangeSet()
  }
}
