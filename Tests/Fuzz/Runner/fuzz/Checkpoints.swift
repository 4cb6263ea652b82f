import Glibc
@testable import Journal
import LinuxSystem
import Tree

extension Fuzz {
  /// A directory in memory with one checkpoint, which each input writes anew.
  private static let place: JournalDirectory = {
    var template = Array("/dev/shm/treeline-fuzz-XXXXXX\0".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    atexit { Fuzz.removePlace() }
    return try! JournalDirectory(path: Array(path.utf8))
  }()

  private static func removePlace() {
    unlink("\(place.path)/\(file)")
    rmdir(place.path)
  }

  private static let number = Sequence(3)
  private static let file = JournalDirectory.name(number, ending: JournalDirectory.checkpointEnding)
  static let journal = JournalID([UInt8](repeating: 7, count: 16))
  private static let header = FileHeader(
    kind: .checkpoint, journal: journal,
    source: SourceIdentity(path: [0x2f], rootKey: [1, 2, 3, 4].withUnsafeBytes { ObjectKey(type: 1, bytes: $0) }, filesystem: []),
    sequence: number, chain: ChainValue(5), nextObjectID: 9
  ).encoded()

  /// First byte 0: what follows the header of a checkpoint. Otherwise parts, each with its length in two
  /// bytes before it, whose checksums and places in the chain are made right.
  static func checkpoints(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let first = bytes.first else { return 0 }
    var content = header
    if first == 0 { content += bytes.dropFirst() } else { content += parts(Array(bytes.dropFirst())) }
    let descriptor = open("\(place.path)/\(file)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(write(descriptor, content, content.count) == content.count)
    close(descriptor)
    do throws(JournalError) {
      let reader = try CheckpointReader(place, number, journal: journal)
      var part = ChangeSet()
      while try reader.next(&part) { check(part) }
    } catch {
      guard case .damaged = error else { preconditionFailure("\(error)") }
    }
    return 0
  }

  private static func parts(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    var chain = ChainValue(5)
    var file = ByteWriter()
    while rest.count > 2 {
      let count = min(Int(rest.removeFirst()) | Int(rest.removeFirst()) << 8, rest.count)
      var plain = Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      guard plain.count >= FrameLayout.headerBytes else { continue }
      withUnsafeBytes(of: chain.rawValue.littleEndian) { plain.replaceSubrange(16..<24, with: $0) }
      plain.withUnsafeBytes {
        chain = ChainValue(XXH64.hash($0, seed: chain.rawValue))
        Compressor.compress($0, into: &file)
      }
    }
    return Array(file.bytes)
  }
}
