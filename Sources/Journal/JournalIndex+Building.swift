import Glibc
import LinuxSystem
import SystemPackage
import Tree

extension JournalIndex {
  /// Indexes what is not indexed yet: all of the sealed segments, and of the newest what is worth a part.
  ///
  /// - Parameters:
  ///   - newest: of how many segments, from the newest on; the others are taken to be indexed.
  ///   - isChecked: reads all that is indexed already, and makes anew what is damaged.
  /// - Returns: of how many segments there was something to index.
  @discardableResult
  public static func build(
    at journal: [UInt8], newest segmentCount: Int = .max, isChecked: Bool = false,
    shouldStop: () -> Bool = { false }
  ) throws(JournalError) -> Int {
    let directory = try JournalDirectory(path: journal)
    let reader = try JournalReader(directory)
    let numbers = try directory.numbers(ending: JournalDirectory.segmentEnding)
      .filter { $0 > reader.oldest.sequence }
    var count = 0
    for (at, first) in numbers.enumerated().suffix(segmentCount) {
      if shouldStop() { break }
      let next = at + 1 < numbers.count ? numbers[at + 1] : nil
      if try build(directory, reader, first, next: next, isChecked, shouldStop) { count += 1 }
    }
    try CheckpointIndex.build(directory, reader, isChecked: isChecked)
    return count
  }

  private static func build(
    _ directory: JournalDirectory, _ reader: JournalReader, _ first: Sequence, next: Sequence?,
    _ isChecked: Bool, _ shouldStop: () -> Bool
  ) throws(JournalError) -> Bool {
    guard let found = try SegmentIndex(directory, reader, first, next: next, isChecked: isChecked),
      !found.isWhole,
      try reader.go(to: found.end, in: first, at: found.ends)
    else { return false }
    let name = JournalDirectory.name(first, ending: JournalDirectory.indexEnding)
    var end = found.fileBytes
    var isChanged = false
    let file = try directory.open(name, O_RDWR | O_CREAT)
    let lastSequence = next.map { Sequence($0.rawValue - 1) }
    _ = try IndexPartBuilder.parts(
      reader, of: first, upTo: lastSequence, isEndPart: next != nil, shouldStop: shouldStop
    ) { part, bytes throws(JournalError) in
      do throws(Errno) {
        // What stands there is of no use, or torn.
        if !isChanged { try FileBytes.setSize(file.raw, bytes: end) }
        try FileBytes.write(file.raw, at: end, bytes)
        try FileBytes.syncContent(file.raw)
      } catch {
        throw .io(error, doing: "write", file: name)
      }
      end += Int64(bytes.count)
      isChanged = true
    }
    return isChanged
  }
}

extension IndexPartBuilder {
  /// Makes parts of what a reader gives from where it stands.
  ///
  /// - Parameters:
  ///   - last: the segment's last commit; nil where it is written still.
  ///   - isEndPart: makes one of the rest as well.
  /// - Returns: false when it was asked to stop, and where the segment ends elsewhere.
  static func parts(
    _ reader: JournalReader, of segment: Sequence, upTo last: Sequence?, isEndPart: Bool,
    shouldStop: () -> Bool, _ body: (IndexPart, [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) -> Bool {
    let name = JournalDirectory.name(segment, ending: JournalDirectory.segmentEnding)
    var builder = IndexPartBuilder(segment: segment, after: reader.position, at: reader.offset)
    var commit = Commit()
    while last.map({ reader.position.sequence < $0 }) ?? true {
      if shouldStop() { return false }
      // It may be followed by another meanwhile.
      guard try reader.next(&commit), reader.segmentName == name else { break }
      builder.add(commit, upTo: reader.offset)
      if builder.isFull { builder = try give(builder, segment, body) }
    }
    if let last, reader.position.sequence != last { return false }
    if isEndPart, !builder.isEmpty { builder = try give(builder, segment, body) }
    return true
  }

  private static func give(
    _ builder: consuming IndexPartBuilder, _ segment: Sequence,
    _ body: (IndexPart, [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) -> IndexPartBuilder {
    let made = builder.finish()
    let part = made.bytes.withUnsafeBytes { try? IndexPart($0) }
    guard let part else { preconditionFailure("a part that was made can be read") }
    try body(part, made.bytes)
    return IndexPartBuilder(segment: segment, after: made.last, at: made.ends)
  }
}
