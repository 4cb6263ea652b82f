import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The index of one segment: the parts that are found to be of it, which cover its front or all of it.
struct SegmentIndex {
  private(set) var parts: [(part: IndexPart, at: Int64)] = []
  /// Whether they cover the segment to its present end.
  private(set) var isWhole = false
  /// Where they end in the index's file.
  var fileBytes: Int64 { parts.last.map { $0.at + Int64($0.part.bytes) } ?? 0 }

  private let segment: Sequence
  private let start: Cursor
  private let headerBytes: Int64
  private let segmentBytes: Int64

  /// Where the parts end in the segment.
  var end: Cursor { parts.last?.part.last ?? start }
  var ends: Int64 { parts.last?.part.ends ?? headerBytes }

  /// - Parameters:
  ///   - next: the first commit of the segment that follows, if one does.
  ///   - isChecked: reads all of the parts.
  /// - Returns: nil where the segment is not there any more.
  init?(
    _ directory: JournalDirectory, _ reader: JournalReader, _ first: Sequence, next: Sequence?,
    isChecked: Bool = false
  ) throws(JournalError) {
    let opened: JournalReader.OpenedFile
    do throws(JournalError) {
      opened = try JournalReader.openFile(directory, first, JournalDirectory.segmentEnding)
    } catch .io(.noSuchFileOrDirectory, _, _) {
      return nil
    }
    do throws(Errno) { segmentBytes = Int64(try FileStatus.of(opened.file.raw).sizeBytes) } catch {
      throw .io(error, doing: "look at", file: directory.path)
    }
    segment = first
    headerBytes = Int64(opened.headerBytes)
    start = Cursor(
      journal: opened.header.journal, sequence: Sequence(first.rawValue - 1), chain: opened.header.chain)
    var files = IndexFiles(directory)
    parts = IndexPart.row(&files, first, from: start, at: headerBytes, upTo: segmentBytes, isChecked: isChecked)
    while !parts.isEmpty {
      if try isOfSegment(directory, reader, next: next) { break }
      parts.removeLast()
    }
    isWhole = ends == segmentBytes && next.map { $0 == end.sequence.next } ?? true
  }

  /// Whether the segment goes on where the parts end.
  private func isOfSegment(
    _ directory: JournalDirectory, _ reader: JournalReader, next: Sequence?
  ) throws(JournalError) -> Bool {
    if let next, end.sequence.next == next {
      guard ends == segmentBytes else { return false }
      let following = try? JournalReader.openFile(directory, next, JournalDirectory.segmentEnding).header
      return following?.journal == end.journal && following?.chain == end.chain
    }
    return try reader.go(to: end, in: segment, at: ends)
  }

  /// All of the segment, and what of it is indexed.
  func stretches(next: Sequence?) -> [IndexStretch] {
    var stretches = parts.map { IndexStretch(fileAt: $0.at, $0.part) }
    if ends < segmentBytes {
      stretches.append(
        IndexStretch(
          segment: segment, after: end, last: next.map { Sequence($0.rawValue - 1) }, begins: ends,
          ends: segmentBytes))
    }
    return stretches
  }
}
