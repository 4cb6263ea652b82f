import Journal
import LinuxSystem
import Tree

/// What a span of a journal holds, in numbers, gathered in bounded memory.
///
/// The first scan says what was there and not what happened: its objects are counted, but stand
/// neither in the timeline nor among the busiest.
public struct JournalStatistics: Sendable {
  /// A directory and how much changed right in it.
  public struct BusyDirectory: Sendable, Equatable {
    public var path: [UInt8]
    public var changeCount: UInt64
    /// How much of the count may be of other directories.
    public var error: UInt64
    /// The sizes of the files that were written there.
    public var writtenBytes: UInt64
  }

  /// Processes of one program, user and unit, and how many objects they changed.
  public struct BusyActor: Sendable, Equatable {
    /// Empty where it is not known.
    public var name: [UInt8]
    public var uid: UInt32?
    public var unit: [UInt8]
    public var changeCount: UInt64
    /// How much of the count may be of others.
    public var error: UInt64

    /// `vi uid 1000 in user@1000.service`
    public var text: String {
      var text = name.isEmpty ? "unknown" : printable(name)
      if let uid { text += " uid \(uid)" }
      if !unit.isEmpty { text += " in \(printable(unit))" }
      return text
    }
  }

  /// What one kind of commit takes.
  public struct Volume: Sendable, Equatable {
    public var commitCount: UInt64 = 0
    public var objectCount: UInt64 = 0
    /// Before and after compression.
    public var plainBytes: UInt64 = 0
    public var fileBytes: UInt64 = 0
  }

  public let id: JournalID
  public let source: [UInt8]
  public let segments: [JournalReader.SizedFile]
  public let checkpoints: [JournalReader.SizedFile]

  public internal(set) var first: Sequence?
  public internal(set) var last: Sequence?
  public internal(set) var firstTime: Timestamp?
  public internal(set) var lastTime: Timestamp?
  public internal(set) var commitCount: UInt64 = 0
  public internal(set) var exactCount: UInt64 = 0
  public internal(set) var partialCount: UInt64 = 0
  /// Entries of objects in all commits; of these, what was said of them.
  public internal(set) var objectCount: UInt64 = 0
  public internal(set) var createdCount: UInt64 = 0
  public internal(set) var removedCount: UInt64 = 0
  public internal(set) var contentCount: UInt64 = 0
  public internal(set) var linkCount: UInt64 = 0
  public internal(set) var marks: [Mark.Kind: UInt64] = [:]
  /// The first scan, and all that followed.
  public internal(set) var scanned = Volume()
  public internal(set) var followed = Volume()
  public internal(set) var timeline = ActivityTimeline()
  public internal(set) var gaps = JournalGaps()
  /// The busiest first.
  public internal(set) var directories: [BusyDirectory] = []
  public internal(set) var actors: [BusyActor] = []
  /// Whether there were too many directories to know of each.
  public internal(set) var isDirectoryLossy = false
  /// Changes whose process was recorded.
  public internal(set) var attributedCount: UInt64 = 0

  public var bytes: UInt64 { segments.reduce(0) { $0 + $1.bytes } }

  /// Reads a journal once.
  ///
  /// - Throws: also where it is damaged.
  public init(
    journal path: [UInt8], since: Moment? = nil, until: Moment? = nil
  ) throws(TreelineError) {
    var gathering = StatisticsGathering()
    let walk = try CommitWalk(journal: path, since: since, until: until) { gathering.begin($0) }
    id = walk.reader.id
    source = walk.reader.source.path
    do throws(JournalError) {
      segments = try walk.reader.segmentSizes()
      checkpoints = try walk.reader.checkpointSizes()
    } catch {
      throw TreelineError(error, journal: path)
    }
    var commit = Commit()
    var place = (segment: "", offset: Int64(0), plainBytes: walk.reader.plainBytes)
    var step = try walk.next(&commit)
    while step == .before || step == .wanted {
      let isSameFile = place.segment == walk.reader.segmentName
      let fileBytes = walk.reader.offset - (isSameFile ? place.offset : 0)
      let plainBytes = walk.reader.plainBytes - place.plainBytes
      place = (walk.reader.segmentName, walk.reader.offset, walk.reader.plainBytes)
      gaps.add(commit, isCounted: step == .wanted)
      gathering.take(commit, isCounted: step == .wanted)
      if step == .wanted {
        add(commit, fileBytes: UInt64(max(0, fileBytes)), plainBytes: plainBytes)
      }
      step = try walk.next(&commit)
    }
    gathering.finish(&self)
  }

  private mutating func add(_ commit: Commit, fileBytes: UInt64, plainBytes: UInt64) {
    if first == nil {
      first = commit.first
      firstTime = commit.firstTime
    }
    last = commit.cursor.sequence
    lastTime = commit.header.time
    commitCount += commit.commitCount
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
    let volume = commit.isOfFirstScan ? \JournalStatistics.scanned : \JournalStatistics.followed
    self[keyPath: volume].commitCount += commit.commitCount
    self[keyPath: volume].objectCount += UInt64(commit.changes.objects.count)
    self[keyPath: volume].plainBytes += plainBytes
    self[keyPath: volume].fileBytes += fileBytes
  }
}

extension Commit {
  /// Whether it says what the first look found, and not what happened.
  var isOfFirstScan: Bool {
    header.flags.contains(.partial) || marks.contains { $0.kind == .scan }
  }
}
