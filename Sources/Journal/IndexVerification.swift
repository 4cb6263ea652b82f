import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Compares indexes with what they are of: one whose checksums are right may still leave something out, and would
/// be believed.
struct IndexVerification {
  private let directory: JournalDirectory
  private let reader: JournalReader
  private(set) var findings: [Finding] = []
  /// The files that are not what they should be.
  private(set) var wrong: [String] = []

  /// Reads all that is indexed.
  ///
  /// - Throws: also where the journal is damaged.
  init(_ directory: JournalDirectory) throws(JournalError) {
    self.directory = directory
    reader = try JournalReader(directory)
    let oldest = reader.oldest.sequence
    let numbers = try directory.numbers(ending: JournalDirectory.segmentEnding).filter { $0 > oldest }
    for (at, first) in numbers.enumerated() {
      let next = at + 1 < numbers.count ? numbers[at + 1] : nil
      guard let index = try SegmentIndex(directory, reader, first, next: next, isChecked: true) else { continue }
      for (part, offset) in index.parts {
        guard try !isTrue(part, at: offset) else { continue }
        let name = JournalDirectory.name(first, ending: JournalDirectory.indexEnding)
        findings.append(
          Finding(
            file: name, offset: offset, sequence: part.first, what: "the index does not say what its segment does"))
        wrong.append(name)
        break
      }
    }
    guard try CheckpointIndex.isTrue(directory, reader) == false else { return }
    let name = JournalDirectory.name(oldest, ending: JournalDirectory.checkpointIndexEnding)
    findings.append(
      Finding(file: name, offset: 0, sequence: oldest, what: "the index does not say what its checkpoint does"))
    wrong.append(name)
  }

  /// Whether a part is what is made of the same commits.
  private func isTrue(_ part: IndexPart, at offset: Int64) throws(JournalError) -> Bool {
    guard try reader.go(to: part.before, in: part.segment, at: part.begins) else { return false }
    var builder = IndexPartBuilder(segment: part.segment, after: part.before, at: part.begins)
    var commit = Commit()
    while reader.position.sequence < part.last.sequence, try reader.next(&commit) {
      builder.add(commit, upTo: reader.offset)
    }
    guard reader.position == part.last else { return false }
    let made = builder.finish().bytes
    var files = IndexFiles(directory)
    return files.read(part.segment, at: offset, upTo: part.bytes) == made
  }
}
