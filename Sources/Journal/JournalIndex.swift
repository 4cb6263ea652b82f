import LinuxSystem
import SystemPackage
import Tree

/// Which commits of a journal say something of an object or a name, and where they stand.
///
/// Beside each segment lies a file of parts, see `IndexPart`. What no part covers, or one that is damaged or
/// of another course of things, is read and indexed in memory: an index saves reading, and is never needed.
/// It is held to be of its segment when the chain values at both of its ends and the places of the commits
/// are those of the segment.
public final class JournalIndex {
  /// A segment, as far as it is known without reading it.
  public struct Segment: Sendable, Equatable {
    public var first: Sequence
    /// The last commit; nil of the newest, which may grow.
    public var last: Sequence?
    /// nil where nothing of it is indexed.
    public var firstTime: Timestamp?
    /// nil unless all of it is indexed, and it grows no more.
    public var lastTime: Timestamp?
  }

  /// All of them, oldest first.
  public let segments: [Segment]

  let directory: JournalDirectory
  let reader: JournalReader
  var stretches: [IndexStretch] = []

  /// So much may be read for want of an index; where it is more, looking up is no gain.
  private static let bytesReadMax: Int64 = 16 << 20

  /// Bytes of content, decompressed, that were read for want of an index.
  package var plainBytes: UInt64 { reader.plainBytes }

  /// Reads what is there.
  public init(at journal: [UInt8]) throws(JournalError) {
    directory = try JournalDirectory(path: journal)
    reader = try JournalReader(directory)
    let oldest = reader.oldest.sequence
    let numbers = try directory.numbers(ending: JournalDirectory.segmentEnding).filter { $0 > oldest }
    var segments: [Segment] = []
    for (at, first) in numbers.enumerated() {
      let next = at + 1 < numbers.count ? numbers[at + 1] : nil
      var segment = Segment(first: first, last: next.map { Sequence($0.rawValue - 1) })
      if let found = try SegmentIndex(directory, reader, first, next: next) {
        segment.firstTime = found.parts.first?.part.firstTime
        if next != nil, found.isWhole { segment.lastTime = found.parts.last?.part.lastTime }
        stretches += found.stretches(next: next)
      }
      segments.append(segment)
    }
    self.segments = segments
  }

  /// The segment to begin with for what was at a time: the last commit at or before it is in this one, or in
  /// one that follows.
  ///
  /// - Returns: nil when there is no segment at all.
  public func segment(at time: Timestamp) -> Segment? {
    segments.last { $0.firstTime.map { $0 <= time } ?? false } ?? segments.first
  }

  // MARK: Looking up

  /// A commit that was looked for.
  package struct Hit: Sendable {
    /// Which of the keys it has.
    package var key: Int
    package var place: CommitPlace
    /// Whether it makes or removes the object, or gives or takes a name.
    package var isOfNames: Bool
  }

  /// The commits that have any of some keys, oldest first.
  ///
  /// - Returns: nil where too much of the journal is not indexed: it is to be read as a whole.
  package func hits(of keys: [IndexKey]) throws(JournalError) -> [Hit]? {
    let sought = IndexStretch.Sought.sorted(keys)
    // Objects are found in what is not indexed as fast as it is read.
    let withNames = sought.contains { $0.isName }
    guard try indexRest(withNames: withNames) else { return nil }
    var hits: [Hit] = []
    var files = IndexFiles(directory)
    var at = 0
    while at < stretches.count {
      let count = hits.count
      if stretches[at].find(sought, &files, { hits.append($0) }) {
        at += 1
        continue
      }
      // It is not as it was written: what it is about is read.
      hits.removeLast(hits.count - count)
      guard !stretches[at].isInMemory else { return nil }
      stretches[at].forget()
      guard try indexRest(withNames: withNames) else { return nil }
    }
    hits.sort { $0.place < $1.place }
    return hits
  }

  /// The place of the commit that has a number, or of the last before it.
  ///
  /// - Returns: nil where none is there, and where it cannot be told without reading all.
  package func place(atOrBefore sequence: Sequence) throws(JournalError) -> CommitPlace? {
    while true {
      guard try indexRest(withNames: false) else { return nil }
      guard let at = stretches.lastIndex(where: { $0.after.sequence < sequence }) else { return nil }
      var files = IndexFiles(directory)
      if let place = stretches[at].place(atOrBefore: sequence, &files) { return place }
      guard !stretches[at].isInMemory else { return nil }
      stretches[at].forget()
    }
  }

  /// Reads what is not indexed, and where names are asked for, indexes it in memory.
  ///
  /// - Returns: false where that is too much.
  private func indexRest(withNames: Bool) throws(JournalError) -> Bool {
    if withNames {
      for at in stretches.indices where stretches[at].isPassed { stretches[at].forget() }
    }
    if stretches.allSatisfy(\.isIndexed) { return true }
    let bytes = stretches.reduce(Int64(0)) { $0 + ($1.isFromFile ? 0 : $1.ends - $1.begins) }
    guard bytes <= Self.bytesReadMax else { return false }
    var all: [IndexStretch] = []
    for stretch in stretches {
      if stretch.isIndexed {
        all.append(stretch)
        continue
      }
      var isWhole = false
      do throws(JournalError) {
        if !withNames, try reader.go(to: stretch.after, in: stretch.segment, at: stretch.begins),
          let passed = try PassedCommits(reader, upTo: stretch.last)
        {
          all.append(IndexStretch(stretch, passed: passed))
          isWhole = true
        } else if try reader.go(to: stretch.after, in: stretch.segment, at: stretch.begins) {
          isWhole = try IndexPartBuilder.parts(
            reader, of: stretch.segment, upTo: stretch.last, isEndPart: true, shouldStop: { false }
          ) { part, bytes throws(JournalError) in
            all.append(IndexStretch(memory: bytes, part))
          }
        }
      } catch {
        // Damage, and what was dropped meanwhile, is told by whoever reads in order.
        if case .io = error { throw error }
      }
      guard isWhole else { return false }
    }
    stretches = all
    return true
  }
}
