import LinuxSystem
import Tree

/// Commits that follow each other and become one.
///
/// A commit with marks stays alone: what they tell of belongs to its place in the order, and whether
/// anything was missed is answered from it.
struct CommitGroup: ~Copyable {
  /// The net change is a part of memory: so many objects at most, and so many bytes.
  private static let objectCountMax = 65_536
  private static let byteCountMax = 16 << 20

  private var composer = ChangeComposer()
  private var attribution = AttributionComposer()
  private var bytes = 0
  private(set) var marks: [Mark] = []
  private(set) var first: Sequence?
  private(set) var chainBefore = ChainValue.start
  private var firstTime = Timestamp.zero
  private var last = Cursor(
    journal: JournalID([UInt8](repeating: 0, count: 16)), sequence: .zero, chain: .start)
  private var header = CommitHeader()

  var isEmpty: Bool { first == nil }

  /// Whether a commit can become one with those before it.
  func takes(_ commit: Commit, _ policy: JournalCompaction.Policy) -> Bool {
    guard first != nil else { return true }
    guard marks.isEmpty, commit.marks.isEmpty, !commit.header.flags.contains(.incarnation),
      commit.header.incarnation == header.incarnation,
      commit.header.flags.contains(.partial) == header.flags.contains(.partial),
      composer.objectCount + commit.changes.objects.count <= Self.objectCountMax,
      bytes + commit.changes.bytes.count <= Self.byteCountMax, composer.hasRoom(for: commit.changes)
    else { return false }
    guard let span = policy.spanSeconds else { return true }
    return commit.header.time.seconds - firstTime.seconds < span
  }

  /// - Parameter before: the chain value before the commit.
  mutating func add(_ commit: Commit, after before: ChainValue) {
    if first == nil {
      first = commit.first
      firstTime = commit.firstTime
      chainBefore = before
      header = commit.header
    }
    let incarnation = header.flags.intersection(.incarnation)
    header = commit.header
    header.flags.formUnion(incarnation)
    last = commit.cursor
    marks += commit.marks
    bytes += commit.changes.bytes.count
    attribution.add(commit.attribution, commit.changes)
    composer.add(commit.changes)
  }

  /// What the commits are together.
  consuming func finish() -> (header: FrameHeader, marks: [Mark], changes: ChangeSet, by: Attribution) {
    let changes = composer.finish()
    return (
      FrameHeader(
        commitFlags: header.flags, hasMore: false, sequence: first!, chain: chainBefore,
        incarnation: header.incarnation, time: header.time, rawTime: header.rawTime,
        drainedSeconds: header.drainedSeconds,
        range: CommitRange(last: last.sequence, chain: last.chain, firstTime: firstTime)),
      marks, changes, attribution.finish(changes.objects)
    )
  }
}
