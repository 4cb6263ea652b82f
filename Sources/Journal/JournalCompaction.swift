import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Makes sealed segments smaller: commits that follow each other become their net change, in larger frames
/// with high compression.
///
/// A segment stays a segment: its compacted form is written beside it, read back, and takes its name in one
/// rename, so a crash leaves the one or the other. A reader that has the former open reads that to its end,
/// and the segment after it follows either. A writer goes on meanwhile: it has only the newest segment.
public final class JournalCompaction {
  /// How far commits are composed.
  public struct Policy: Sendable {
    /// Commits that lie further apart in time stay apart; nil composes all.
    public var spanSeconds: Int64? = nil
    /// Only segments that end so long ago; 0 for all that are sealed.
    public var ageSeconds: Int64 = 0
    /// Compacts again what was compacted before.
    public var again = true

    public init(spanSeconds: Int64? = nil, ageSeconds: Int64 = 0, again: Bool = true) {
      self.spanSeconds = spanSeconds
      self.ageSeconds = ageSeconds
      self.again = again
    }

    /// What is done unasked: what is older than a day is kept by the hour.
    public static let automatic = Policy(spanSeconds: 3_600, ageSeconds: 86_400, again: false)
  }

  /// What was done.
  public struct Outcome: Sendable, Equatable {
    public var segmentCount = 0
    public var commitsBefore: UInt64 = 0
    public var commitsAfter: UInt64 = 0
    public var bytesBefore: UInt64 = 0
    public var bytesAfter: UInt64 = 0

    public init() {}
  }

  static let temporaryName = "compact.new"
  private static let lockName = "compact.lock"

  let directory: JournalDirectory
  private let policy: Policy
  /// Held while this lives: two at once would write one file.
  private let lock: Descriptor
  private var outcome = Outcome()

  /// Compacts what can be compacted.
  ///
  /// - Parameter shouldStop: asked before each commit; a segment that was begun stays as it was.
  /// - Throws: `locked` when another process is at it; `damaged` when a segment cannot be read: what was
  ///   compacted before it stays so.
  public static func run(
    at journal: [UInt8], _ policy: Policy, now: Timestamp, shouldStop: () -> Bool = { false }
  ) throws(JournalError) -> Outcome {
    let compaction = try JournalCompaction(JournalDirectory(path: journal), policy)
    return try compaction.run(now, shouldStop)
  }

  private init(_ directory: JournalDirectory, _ policy: Policy) throws(JournalError) {
    self.directory = directory
    self.policy = policy
    let file = try directory.open(Self.lockName, O_RDWR | O_CREAT)
    do throws(Errno) {
      guard try FileBytes.lock(file.raw) else { throw Errno.wouldBlock }
      lock = file
    } catch .wouldBlock {
      throw .locked(pid: nil)
    } catch {
      throw .io(error, doing: "lock", file: Self.lockName)
    }
  }

  private func run(
    _ now: Timestamp, _ shouldStop: () -> Bool
  ) throws(JournalError) -> Outcome {
    let reader = try JournalReader(directory)
    let durable = try reader.durable()
    let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
      .filter { $0 > reader.oldest.sequence }
    for (first, next) in zip(segments, segments.dropFirst()) where next <= durable.sequence.next {
      if shouldStop() { break }
      let end = Sequence(next.rawValue - 1)
      if policy.ageSeconds > 0 {
        guard let time = try directory.time(after: end), now.seconds - time.seconds >= policy.ageSeconds
        else { break }
      }
      if !policy.again, try isCompacted(first) { continue }
      try compact(first, end, reader, shouldStop)
    }
    return outcome
  }

  /// Every commit of a compacted segment has its range.
  private func isCompacted(_ first: Sequence) throws(JournalError) -> Bool {
    let opened = try JournalReader.openFile(directory, first, JournalDirectory.segmentEnding)
    let frames = FrameReader(
      opened.file.raw, offset: Int64(opened.headerBytes), decompressor: Decompressor())
    do throws(Errno) { guard case .frame = try frames.next() else { return false } } catch {
      throw .io(error, doing: "read", file: JournalDirectory.name(first, ending: JournalDirectory.segmentEnding))
    }
    return frames.withPlain { plain in
      var reader = ByteReader(plain)
      return (try? FrameHeader(&reader).range) != nil
    }
  }

  private func compact(
    _ first: Sequence, _ end: Sequence, _ reader: JournalReader, _ shouldStop: () -> Bool
  ) throws(JournalError) {
    let name = JournalDirectory.name(first, ending: JournalDirectory.segmentEnding)
    // What a cursor or a checkpoint names stays a point of its own.
    var stops = Set(try JournalCursors(directory).all().cursors.map(\.cursor.sequence))
    stops.formUnion(try directory.numbers(ending: JournalDirectory.checkpointEnding))
    let writer = try CompactedSegment(directory, try header(of: first), name: name)
    guard try reader.seek(after: Sequence(first.rawValue - 1)) else { return }
    var group = CommitGroup()
    var commit = Commit()
    var before: UInt64 = 0
    var chain = reader.position.chain
    while reader.position.sequence < end, try reader.next(&commit) {
      if shouldStop() { return }
      before += 1
      if !group.takes(commit, policy) {
        try writer.append(group)
        group = CommitGroup()
      }
      group.add(commit, after: chain)
      chain = commit.cursor.chain
      if stops.contains(commit.cursor.sequence) {
        try writer.append(group)
        group = CommitGroup()
      }
    }
    try writer.append(group)
    guard reader.position.sequence == end else { return }
    guard let sizes = try writer.finish(reader.position) else { return }
    outcome.segmentCount += 1
    outcome.commitsBefore += before
    outcome.commitsAfter += writer.commitCount
    outcome.bytesBefore += sizes.before
    outcome.bytesAfter += sizes.after
  }

  private func header(of first: Sequence) throws(JournalError) -> FileHeader {
    try JournalReader.openFile(directory, first, JournalDirectory.segmentEnding).header
  }
}
