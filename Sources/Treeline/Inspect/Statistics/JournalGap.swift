import Journal
import LinuxSystem
import Tree

/// Something that the recording went through, so that what happened around it may be known less well.
public struct JournalGap: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Nothing recorded for a while: it was stopped, or was killed.
    case stopped, killed
    case overflow, rescan, halt
    case filesystemError = "fs-error"
    case clockStep = "clock-step"
    case mount
  }

  public var kind: Kind
  public var sequence: Sequence
  public var time: Timestamp
  /// How long nothing was recorded, of `stopped` and `killed`; until the next start.
  public var seconds: Int64?
  /// What the mark says.
  public var text: [UInt8] = []
}

/// The gaps of a journal: how many of each kind, and the last of them.
public struct JournalGaps: Sendable {
  public static let keptMax = 1_000

  public private(set) var counts: [JournalGap.Kind: UInt64] = [:]
  /// The last ones, oldest first.
  public private(set) var kept: [JournalGap] = []
  /// The last commit's time, while recording goes on.
  private var lastTime: Timestamp?
  private var wasStopped = false

  /// Takes in what a commit says of the recording.
  ///
  /// - Parameter isCounted: otherwise it only says how it stood before.
  mutating func add(_ commit: Commit, isCounted: Bool) {
    for mark in commit.marks {
      switch mark.kind {
      case .start:
        if let lastTime, isCounted {
          let seconds = commit.header.time.seconds.subtractingReportingOverflow(lastTime.seconds)
          keep(
            JournalGap(
              kind: wasStopped ? .stopped : .killed, sequence: commit.cursor.sequence,
              time: lastTime, seconds: seconds.overflow ? .max : max(0, seconds.partialValue)))
        }
        wasStopped = false
      case .stop: wasStopped = true
      default:
        if isCounted, let kind = JournalGap.Kind(mark.kind) {
          keep(
            JournalGap(
              kind: kind, sequence: commit.cursor.sequence, time: commit.header.time,
              text: mark.kind.isTold ? mark.payload : []))
        }
      }
    }
    lastTime = commit.header.time
  }

  private mutating func keep(_ gap: JournalGap) {
    counts[gap.kind, default: 0] += 1
    kept.append(gap)
    if kept.count >= 2 * Self.keptMax { kept.removeFirst(kept.count - Self.keptMax) }
  }

  /// The last ones, at most `keptMax`.
  public func last(_ limit: Int = keptMax) -> ArraySlice<JournalGap> {
    kept.suffix(min(limit, Self.keptMax))
  }
}

extension JournalGap.Kind {
  init?(_ kind: Mark.Kind) {
    switch kind {
    case .overflow: self = .overflow
    case .rescan: self = .rescan
    case .halt: self = .halt
    case .filesystemError: self = .filesystemError
    case .clockStep: self = .clockStep
    case .mount: self = .mount
    default: return nil
    }
  }
}
