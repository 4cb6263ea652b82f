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
