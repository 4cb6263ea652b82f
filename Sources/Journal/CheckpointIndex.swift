import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Where in the checkpoint that a journal begins with an object or a name stands.
///
/// It is an index as those of segments are; the checkpoint's parts stand for commits, numbered on from the
/// commit that it is of.
package final class CheckpointIndex {
  private let directory: JournalDirectory
  private let number: Sequence
  private let name: String
  private let file: JournalReader.OpenedFile
  private let stretches: [IndexStretch]
  private let frames: FrameReader

  /// - Returns: nil where the journal begins with the empty tree, and where the checkpoint is not indexed.
  package convenience init?(at journal: [UInt8], of reader: JournalReader) throws(JournalError) {
    guard reader.oldest.sequence > .zero else { return nil }
    // A part of a checkpoint does not say which it is among those of one piece, so the places are checked here.
    try self.init(JournalDirectory(path: journal), reader.oldest, isChecked: true)
  }

  private init?(
    _ directory: JournalDirectory, _ oldest: Cursor, isChecked: Bool = false
  ) throws(JournalError) {
    self.directory = directory
    number = oldest.sequence
    name = JournalDirectory.name(number, ending: JournalDirectory.checkpointEnding)
    do throws(JournalError) {
      file = try JournalReader.openFile(directory, number, JournalDirectory.checkpointEnding)
    } catch { return nil }
    guard file.header.journal == oldest.journal, file.header.sequence == number,
      file.header.chain == oldest.chain, let status = try? FileStatus.of(file.file.raw)
    else { return nil }
    let bytes = Int64(status.sizeBytes)
    var files = IndexFiles(directory, ending: JournalDirectory.checkpointIndexEnding)
    let parts = IndexPart.row(
      &files, number, from: oldest, at: Int64(file.headerBytes), upTo: bytes, isChecked: isChecked)
    guard parts.last?.part.ends == bytes else { return nil }
    stretches = parts.map { IndexStretch(fileAt: $0.at, $0.part) }
    frames = FrameReader(
      file.file.raw, offset: Int64(file.headerBytes), decompressor: Decompressor(), windowBytes: 1 << 17)
  }

  /// The places of the parts that have any of some keys; nil where the index is damaged.
  package func places(of keys: [IndexKey]) -> [CommitPlace]? {
    var files = IndexFiles(directory, ending: JournalDirectory.checkpointIndexEnding)
    let sought = IndexStretch.Sought.sorted(keys)
    var places: Set<CommitPlace> = []
    for stretch in stretches {
      guard stretch.find(sought, &files, { places.insert($0.place) }) else { return nil }
    }
    return places.sorted()
  }

  /// Reads what a part says of the names, modes and owners of some objects; false where it is not there.
  package func pick(
    _ wanted: ObjectFilter, from place: CommitPlace, into changes: inout ChangeSet
  ) throws(JournalError) -> Bool {
    try read(place) { plain throws(ByteReader.Malformed) in try ObjectPicker.pick(plain, wanted, into: &changes) }
  }

  /// Reads all of a part; false where it is not there.
  package func read(_ place: CommitPlace, into changes: inout ChangeSet) throws(JournalError) -> Bool {
    changes.removeAll()
    var marks: [Mark] = []
    var nobody = Attribution()
    return try read(place) { plain throws(ByteReader.Malformed) in
      try FrameDecoder.decode(plain, marks: &marks, changes: &changes, attribution: &nobody).0
    }
  }

  private func read(
    _ place: CommitPlace,
    _ decode: (UnsafeRawBufferPointer) throws(ByteReader.Malformed) -> FrameHeader
  ) throws(JournalError) -> Bool {
    frames.go(to: place.offset)
    let outcome: FrameReader.Outcome
    do throws(Errno) { outcome = try frames.next() } catch {
      throw .io(error, doing: "read", file: name)
    }
    guard case .frame = outcome else { return false }
    guard let header = frames.withPlain({ try? decode($0) }) else { return false }
    return header.sequence.rawValue <= place.sequence.rawValue - number.rawValue
  }

  // MARK: Making it

  /// Indexes the checkpoint that the journal begins with, unless that is done, and drops the index of another.
  static func build(
    _ directory: JournalDirectory, _ reader: JournalReader, isChecked: Bool
  ) throws(JournalError) {
    let oldest = reader.oldest
    for number in try directory.numbers(ending: JournalDirectory.checkpointIndexEnding)
    where number != oldest.sequence {
      try? Names.removeFile(
        JournalDirectory.name(number, ending: JournalDirectory.checkpointIndexEnding),
        in: directory.descriptor.raw)
    }
    guard oldest.sequence > .zero, try CheckpointIndex(directory, oldest, isChecked: isChecked) == nil,
      let bytes = try made(reader)
    else { return }
    try directory.replace(
      JournalDirectory.name(oldest.sequence, ending: JournalDirectory.checkpointIndexEnding), with: bytes)
  }

  /// Whether the index is what is made of its checkpoint; nil where there is none that would be believed.
  static func isTrue(_ directory: JournalDirectory, _ reader: JournalReader) throws(JournalError) -> Bool? {
    let oldest = reader.oldest
    guard oldest.sequence > .zero, try CheckpointIndex(directory, oldest, isChecked: true) != nil,
      let bytes = try made(reader)
    else { return nil }
    var files = IndexFiles(directory, ending: JournalDirectory.checkpointIndexEnding)
    return files.read(oldest.sequence, at: 0, upTo: bytes.count + 1) == bytes
  }

  /// The index of the checkpoint that the journal begins with; nil where that is not there.
  private static func made(_ reader: JournalReader) throws(JournalError) -> [UInt8]? {
    let oldest = reader.oldest
    guard let checkpoint = try reader.checkpoint(atOrBefore: oldest.sequence), checkpoint.cursor == oldest else {
      return nil
    }
    var builder = IndexPartBuilder(segment: oldest.sequence, after: oldest, at: checkpoint.place.offset)
    var bytes: [UInt8] = []
    var commit = Commit()
    commit.cursor = oldest
    var isAtEnd = false
    while !isAtEnd {
      isAtEnd = try !checkpoint.next(&commit.changes)
      // After the last part nothing is left, unless that was given just now.
      guard checkpoint.place.offset > builder.ends else { break }
      commit.first = commit.cursor.sequence.next
      commit.cursor = Cursor(
        journal: oldest.journal, sequence: commit.first, chain: checkpoint.place.chain)
      builder.add(commit, upTo: checkpoint.place.offset)
      if builder.isFull || isAtEnd {
        let made = builder.finish()
        bytes += made.bytes
        builder = IndexPartBuilder(segment: oldest.sequence, after: made.last, at: made.ends)
      }
    }
    if !builder.isEmpty { bytes += builder.finish().bytes }
    return bytes
  }
}
