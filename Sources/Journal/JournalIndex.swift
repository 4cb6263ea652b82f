import LinuxSystem
import SystemPackage
import Tree

/// Which segments of a journal can have what is looked for.
///
/// A segment whose summary is missing, damaged, or of another course of things, can have anything: an index
/// saves reading, and is never needed.
public struct JournalIndex: Sendable {
  /// A segment, as far as it is known without reading it.
  public struct Segment: Sendable, Equatable {
    public var first: Sequence
    /// The last commit; nil of the newest, which may grow.
    public var last: Sequence?
    /// nil where there is no summary.
    public var firstTime: Timestamp?
    public var lastTime: Timestamp?

    public var isSummarized: Bool { lastTime != nil }
  }

  /// All of them, oldest first.
  public let segments: [Segment]
  private let directory: JournalDirectory

  /// Reads what is there.
  public init(at journal: [UInt8]) throws(JournalError) {
    directory = try JournalDirectory(path: journal)
    let beginning = try JournalReader.beginning(of: directory)
    let numbers = try directory.numbers(ending: JournalDirectory.segmentEnding)
      .filter { $0 >= beginning.sequence }
    var segments: [Segment] = []
    for (at, first) in numbers.enumerated() {
      var segment = Segment(first: first)
      if at + 1 < numbers.count {
        segment.last = Sequence(numbers[at + 1].rawValue - 1)
        if let summary = try Self.summary(directory, first, until: numbers[at + 1]) {
          segment.firstTime = summary.firstTime
          segment.lastTime = summary.lastTime
        }
      }
      segments.append(segment)
    }
    self.segments = segments
  }

  /// The segments whose commits may say something of an object, oldest first. Read each from
  /// `JournalReader.seek(after:)` the commit before its first, up to its last.
  public func segments(touching object: ObjectID) throws(JournalError) -> [Segment] {
    var found: [Segment] = []
    for segment in segments {
      guard segment.isSummarized, let last = segment.last,
        let summary = try Self.summary(directory, segment.first, until: last.next)
      else {
        found.append(segment)
        continue
      }
      if summary.mayTouch(object) { found.append(segment) }
    }
    return found
  }

  /// The segment to begin with for what was at a time: the last commit at or before it is in this one, or in
  /// one that follows.
  ///
  /// - Returns: nil when there is no segment at all.
  public func segment(at time: Timestamp) -> Segment? {
    segments.last { $0.firstTime.map { $0 <= time } ?? false } ?? segments.first
  }

  // MARK: Making it

  /// Summarizes the sealed segments that have no summary.
  ///
  /// - Returns: how many it were.
  @discardableResult
  public static func build(
    at journal: [UInt8], shouldStop: () -> Bool = { false }
  ) throws(JournalError) -> Int {
    let directory = try JournalDirectory(path: journal)
    let reader = try JournalReader(directory)
    let numbers = try directory.numbers(ending: JournalDirectory.segmentEnding)
      .filter { $0 > reader.oldest.sequence }
    var count = 0
    for (first, next) in zip(numbers, numbers.dropFirst()) {
      if shouldStop() { break }
      if try summary(directory, first, until: next) != nil { continue }
      guard try reader.seek(after: Sequence(first.rawValue - 1)),
        let made = try SegmentSummary(reader, upTo: Sequence(next.rawValue - 1), shouldStop: shouldStop)
      else { continue }
      try directory.replace(
        JournalDirectory.name(first, ending: JournalDirectory.indexEnding), with: made.encoded())
      count += 1
    }
    return count
  }

  /// A segment's summary, if it is of this very segment.
  private static func summary(
    _ directory: JournalDirectory, _ first: Sequence, until next: Sequence
  ) throws(JournalError) -> SegmentSummary? {
    let name = JournalDirectory.name(first, ending: JournalDirectory.indexEnding)
    guard let bytes = try? directory.read(name, limit: SegmentSummary.fileBytesMax),
      let summary = SegmentSummary(bytes), summary.first == first,
      summary.last.sequence.next == next,
      let following = try? JournalReader.openFile(directory, next, JournalDirectory.segmentEnding).header,
      following.journal == summary.last.journal, following.chain == summary.last.chain
    else { return nil }
    return summary
  }
}
