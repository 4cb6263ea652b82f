import LinuxSystem
import Tree

/// Whether anything can have been missed between two points of a journal, from its marks and its chain alone.
///
/// A journal that was recorded without a break holds every state that was observed. Where it was not, the
/// next look at the whole tree found what had changed, but not when, by whom, nor what came and went.
public struct JournalContinuity: Sendable {
  /// A point as a person names it.
  public enum Point: Sendable {
    case sequence(Sequence)
    case time(Timestamp)
  }

  /// A stretch of which not everything was seen.
  public struct Gap: Hashable, Sendable {
    public enum Kind: String, Sendable {
      /// The journal begins after the point that was asked for.
      case before
      /// It ends before it.
      case after
      /// Recording was stopped, and began again.
      case stopped
      /// Recording ended without a stop: a crash, or a power cut.
      case broken
      /// The kernel's queue overflowed.
      case overflow
      /// The whole tree was looked at again for another reason.
      case rescan
      /// The filesystem reported errors of its own.
      case filesystemError
      /// The tree was not known before a first look at it was complete.
      case scan
    }

    public var kind: Kind
    /// The commits between which it lies; nil where there is none on that side.
    public var after: Sequence?
    public var until: Sequence?
    public var from: Timestamp?
    public var to: Timestamp?
    /// What the filesystem said, for one.
    public var text: [UInt8] = []
  }

  public private(set) var gaps: [Gap] = []
  /// The last commit that was read.
  public private(set) var last: Cursor?

  /// Reads a journal between two points, both included.
  ///
  /// - Throws: `damaged` when the chain is broken before the second point.
  public init(at journal: [UInt8], since: Point?, until: Point?) throws(JournalError) {
    let reader = try JournalReader.open(at: journal)
    var commit = Commit()
    var earlier: (sequence: Sequence, time: Timestamp)? = nil
    var isStopped = false
    var isFirst = true
    while try reader.next(&commit) {
      if let until, Self.isAfter(commit, until) {
        // A break that is under way at the second point began before it.
        if case .time(let time) = until, let earlier, earlier.time < time,
          commit.marks.contains(where: { $0.kind == .start })
        {
          add(isStopped ? .stopped : .broken, earlier, commit)
        }
        return
      }
      if isFirst, let since, reader.oldest.sequence > .zero,
        Self.isBefore(since, reader.oldest.sequence, commit.firstTime)
      {
        add(.before, nil, commit)
      }
      isFirst = false
      // A break ends with a commit: it counts when that comes after the first point.
      if since.map({ Self.isBefore($0, commit.cursor.sequence, commit.header.time) }) ?? !Self.isScan(commit) {
        note(commit, earlier, isStopped)
      }
      isStopped = commit.marks.contains { $0.kind == .stop }
      earlier = (commit.cursor.sequence, commit.header.time)
      last = commit.cursor
    }
    guard let until, let earlier else { return }
    let isMissing =
      switch until {
      case .sequence(let wanted): earlier.sequence < wanted
      case .time(let wanted): isStopped && earlier.time < wanted
      }
    if isMissing { gaps.append(Gap(kind: .after, after: earlier.sequence, from: earlier.time)) }
  }

  private mutating func note(
    _ commit: Commit, _ earlier: (sequence: Sequence, time: Timestamp)?, _ isStopped: Bool
  ) {
    let kinds = Set(commit.marks.map(\.kind))
    if Self.isScan(commit) {
      if gaps.last?.kind == .scan {
        gaps[gaps.count - 1].until = commit.cursor.sequence
        gaps[gaps.count - 1].to = commit.header.time
      } else {
        add(.scan, earlier, commit)
      }
      return
    }
    if kinds.contains(.start), earlier != nil {
      add(isStopped ? .stopped : .broken, earlier, commit)
    } else if kinds.contains(.overflow) {
      add(.overflow, earlier, commit)
    } else if kinds.contains(.rescan) {
      add(.rescan, earlier, commit)
    }
    for mark in commit.marks where mark.kind == .filesystemError {
      add(.filesystemError, earlier, commit)
      gaps[gaps.count - 1].text = mark.payload
    }
  }

  private mutating func add(
    _ kind: Gap.Kind, _ earlier: (sequence: Sequence, time: Timestamp)?, _ commit: Commit
  ) {
    gaps.append(
      Gap(
        kind: kind, after: earlier?.sequence, until: commit.first, from: earlier?.time,
        to: commit.firstTime))
  }

  private static func isAfter(_ commit: Commit, _ point: Point) -> Bool {
    switch point {
    case .sequence(let sequence): commit.first > sequence
    case .time(let time): commit.firstTime > time
    }
  }

  /// Whether a point lies before a commit.
  private static func isBefore(_ point: Point, _ sequence: Sequence, _ time: Timestamp) -> Bool {
    switch point {
    case .sequence(let wanted): wanted < sequence
    case .time(let wanted): wanted < time
    }
  }

  private static func isScan(_ commit: Commit) -> Bool {
    commit.header.flags.contains(.partial) || commit.marks.contains { $0.kind == .scan }
  }
}
