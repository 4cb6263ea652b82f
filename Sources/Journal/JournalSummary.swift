import LinuxSystem
import SystemPackage
import Tree

/// What a journal holds, in numbers.
public struct JournalSummary: Sendable {
  /// One segment file.
  public struct Segment: Sendable {
    public var first: Sequence
    public var bytes: UInt64
  }

  public var id: JournalID? = nil
  public var source: SourceIdentity? = nil
  public var first: Sequence? = nil
  public var last: Sequence? = nil
  public var firstTime: Timestamp? = nil
  public var lastTime: Timestamp? = nil
  public var commitCount: UInt64 = 0
  /// Commits that are there as part of a net change only.
  public var compactedCount: UInt64 = 0
  public var exactCount: UInt64 = 0
  public var partialCount: UInt64 = 0
  /// Entries of objects in all commits.
  public var objectCount: UInt64 = 0
  public var createdCount: UInt64 = 0
  public var removedCount: UInt64 = 0
  public var contentCount: UInt64 = 0
  public var linkCount: UInt64 = 0
  /// How often each mark stands in it.
  public var marks: [Mark.Kind: UInt64] = [:]
  public var segments: [Segment] = []
  public var checkpoints: [Sequence] = []
  /// Bytes of all commits, decompressed.
  public var plainBytes: UInt64 = 0
  /// Bytes of all segments.
  public var bytes: UInt64 = 0

  public init() {}

  mutating func add(_ commit: Commit) {
    if first == nil {
      first = commit.first
      firstTime = commit.firstTime
    }
    last = commit.cursor.sequence
    lastTime = commit.header.time
    commitCount += commit.commitCount
    if commit.isNet { compactedCount += commit.commitCount }
    if commit.header.flags.contains(.exact) { exactCount += 1 }
    if commit.header.flags.contains(.partial) { partialCount += 1 }
    objectCount += UInt64(commit.changes.objects.count)
    linkCount += UInt64(commit.changes.links.count)
    for object in commit.changes.objects {
      if object.facts.contains(.created) { createdCount += 1 }
      if object.facts.contains(.removed) { removedCount += 1 }
      if object.facts.contains(.content) { contentCount += 1 }
    }
    for mark in commit.marks { marks[mark.kind, default: 0] += 1 }
  }

  mutating func measure(_ directory: JournalDirectory) throws(JournalError) {
    for number in try directory.numbers(ending: JournalDirectory.segmentEnding) {
      let name = JournalDirectory.name(number, ending: JournalDirectory.segmentEnding)
      let size: UInt64
      do throws(Errno) {
        size = try FileStatus.of(name, in: directory.descriptor.raw).sizeBytes
      } catch {
        throw .io(error, doing: "look at", file: name)
      }
      segments.append(Segment(first: number, bytes: size))
      bytes += size
    }
  }
}
