import Glibc
@testable import Journal
import LinuxSystem
@testable import Replay
import Tree

/// First inputs: what golden journals have, and plans of every kind.
enum Seeds {
  static func write(to directory: String, from golden: [String]) throws {
    for name in Fuzz.fuzzers.keys { mkdir("\(directory)/\(name)", 0o700) }
    var number = 0
    func put(_ bytes: [UInt8], _ fuzzer: String) {
      number += 1
      let file = open("\(directory)/\(fuzzer)/golden-\(number)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      precondition(Glibc.write(file, bytes, bytes.count) == bytes.count && close(file) == 0)
    }
    for path in golden {
      let file = open(path, O_RDONLY)
      precondition(file >= 0, "\(path) cannot be opened")
      let bytes = try FileBytes.readAll(file, limit: 1 << 20)
      close(file)
      if path.hasSuffix(".cursor") { put([0] + bytes, "cursors") }
      if path.hasSuffix("HEAD") { put([1] + bytes, "cursors") }
      if path.hasSuffix(".index") { put([2] + bytes, "cursors") }
      guard path.hasSuffix(".tlj") || path.hasSuffix(".checkpoint"),
        case .header(_, let headerBytes) = bytes.withUnsafeBytes({ FileHeader.decode($0) })
      else { continue }
      put([3] + bytes.prefix(headerBytes), "cursors")
      let frames = Array(bytes.dropFirst(headerBytes))
      put(frames, "frames")
      put([0] + frames, "checkpoints")
      var parts: [UInt8] = [1]
      for plain in contents(frames) {
        put(plain, "records")
        parts += [UInt8(truncatingIfNeeded: plain.count), UInt8(truncatingIfNeeded: plain.count >> 8)] + plain
      }
      if path.hasSuffix(".checkpoint") { put(parts, "checkpoints") }
    }
    for plan in plans() { put(plan, "plans") }
  }

  private static func contents(_ frames: [UInt8]) -> [[UInt8]] {
    let decompressor = Decompressor()
    var rest = frames[...]
    var found: [[UInt8]] = []
    while case .frame(let count) = rest.withUnsafeBytes({ decompressor.decode($0) }) {
      found.append(decompressor.plain)
      rest = rest.dropFirst(count)
      if rest.isEmpty { break }
    }
    return found
  }

  private static func plans() -> [[UInt8]] {
    let links = [Link(.root, Name(Array("a".utf8))), Link(ObjectID(2), Name(Array("name".utf8)))]
    let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 5)
    let inode = DestinationInode(inode: 12, born: time)
    let end = Cursor(journal: Fuzz.journal, sequence: Sequence(9), chain: ChainValue(8))
    let intent = IntentRecord(
      entries: [
        .init(id: ObjectID(2), isDirectory: true, present: inode, staged: nil, modified: time, current: links, final: []),
        .init(id: ObjectID(3), isDirectory: false, present: nil, staged: inode, modified: nil, current: [], final: links),
      ], end: end)
    let applied = AppliedRecord(
      journal: Fuzz.journal.bytes, sequence: 9, chain: 8, isAdopting: false,
      lossPoint: LossRecord.Point(end: 3, checksum: 4),
      entries: [
        .init(
          id: ObjectID(4), isDirectory: false, reason: .failed(.ioError),
          copied: ContentStamp(sizeBytes: 1, modified: time, changed: time), current: links, work: []),
        .init(id: ObjectID(5), isDirectory: true, reason: nil, copied: nil, current: [], work: []),
      ])
    return intent.payloads.map { [1] + $0 } + applied.payloads.map { [0] + $0 }
  }
}
