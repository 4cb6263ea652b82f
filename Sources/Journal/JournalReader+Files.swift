import Glibc
import LinuxSystem
import SystemPackage
import Tree

extension JournalReader {
  /// A file of the journal, open, and what its header says.
  final class OpenedFile {
    let file: Descriptor
    let header: FileHeader
    let headerBytes: Int
    init(file: consuming Descriptor, header: FileHeader, headerBytes: Int) {
      self.file = file
      self.header = header
      self.headerBytes = headerBytes
    }
  }

  /// The header of the segment that a journal begins with: the first of all, or what `OLDEST` says.
  ///
  /// - Throws: `damaged` when that one is not there: what was dropped on purpose was noted first.
  static func beginning(of directory: JournalDirectory) throws(JournalError) -> FileHeader {
    var looks = 0
    while true {
      let oldest = try Oldest.read(directory)
      let start = (oldest?.cursor.sequence ?? .zero).next
      let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
      guard let first = segments.first else { throw .notAJournal(directory.path) }
      func damaged(_ what: String) -> JournalError {
        .damaged(
          Finding(
            file: JournalDirectory.name(start, ending: JournalDirectory.segmentEnding), offset: 0,
            sequence: start, what: what))
      }
      looks += 1
      do throws(JournalError) {
        let header = try openFile(directory, start, JournalDirectory.segmentEnding).header
        if let oldest, header.journal != oldest.cursor.journal || header.chain != oldest.cursor.chain {
          throw damaged("it is not what followed what was dropped")
        }
        return header
      } catch .io(.noSuchFileOrDirectory, _, _) {
        // It may have been dropped between the two looks.
        guard looks > looksMax else { continue }
        throw damaged("it is missing; the first segment begins with commit \(first.rawValue)")
      }
    }
  }

  private static var looksMax: Int { 3 }

  /// What is to be thrown for commits that are not there: damage, unless they were dropped on purpose.
  func missing(_ finding: Finding) throws(JournalError) -> JournalError {
    if let oldest = try Oldest.read(directory), let wanted = finding.sequence,
      oldest.cursor.journal == id, wanted <= oldest.cursor.sequence
    {
      return .dropped(upTo: oldest.cursor.sequence)
    }
    return .damaged(finding)
  }

  /// Opens a file of the journal and reads its header.
  static func openFile(
    _ directory: JournalDirectory, _ number: Sequence, _ ending: String
  ) throws(JournalError) -> OpenedFile {
    let name = JournalDirectory.name(number, ending: ending)
    let file = try directory.open(name, O_RDONLY)
    var bytes = [UInt8](repeating: 0, count: FileHeader.bytesMax + 8)
    var count = 0
    var failure: Errno? = nil
    bytes.withUnsafeMutableBytes { buffer in
      do throws(Errno) { count = try FileBytes.read(file.raw, at: 0, into: buffer) } catch {
        failure = error
      }
    }
    if let failure { throw .io(failure, doing: "read", file: name) }
    let outcome = bytes.withUnsafeBytes {
      FileHeader.decode(UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
    }
    func damaged(_ what: String) -> JournalError {
      .damaged(Finding(file: name, offset: 0, sequence: number, what: what))
    }
    switch outcome {
    case .header(let header, let bytes):
      let kind: FileHeader.Kind =
        ending == JournalDirectory.segmentEnding ? .segment : .checkpoint
      guard header.kind == kind else { throw damaged("it is of another kind than its name says") }
      guard header.sequence.rawValue >= (kind == .segment ? 1 : 0) else {
        throw damaged("its first commit is impossible")
      }
      return OpenedFile(file: file, header: header, headerBytes: bytes)
    case .incomplete: throw damaged("it is too short")
    case .malformed(let what): throw damaged(what)
    case .unsupported(let version): throw .unsupportedVersion(version, file: name)
    }
  }
}
