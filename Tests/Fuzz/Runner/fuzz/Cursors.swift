@testable import Journal
import LinuxSystem
import Tree

extension Fuzz {
  /// A small file of a journal: cursor, header, slot of `HEAD`, part of an index, each also with its
  /// checksum made right. The first byte says which.
  static func cursors(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let first = bytes.first else { return 0 }
    let whole = Array(bytes.dropFirst())
    read(whole, as: first & 7)
    read(withChecksum(whole, of: first & 7), as: first & 7)
    return 0
  }

  private static func read(_ bytes: [UInt8], as kind: UInt8) {
    switch kind {
    case 0:
      if let cursor = try? JournalCursor.decode(bytes, name: "a") {
        let again = try? JournalCursor.decode(cursor.encoded(), name: "a")
        precondition(again == cursor, "a cursor reads otherwise when it is written anew")
      }
    case 1:
      if let head = Head.decode(bytes) { precondition(Head.decode(head.encoded())?.cursor == head.cursor) }
    case 2:
      readPart(bytes)
    case 3:
      bytes.withUnsafeBytes {
        guard case .header(let header, let count) = FileHeader.decode($0) else { return }
        precondition(count <= bytes.count && header.sequence.rawValue <= FrameLayout.sequenceMax)
      }
    default: break
    }
  }

  private static func readPart(_ bytes: [UInt8]) {
    var wanted = 0
    if let head = IndexPart.Head(bytes, wanted: &wanted) {
      precondition(head.part.first <= head.part.last.sequence)
      for key in [1, 2, 1_000, UInt64.max] {
        for isName in [false, true] {
          guard let block = head.block(with: key, isName: isName) else { continue }
          precondition(block.offset + block.bytes <= head.part.bytes)
        }
      }
    }
    _ = IndexPart.isWhole(bytes)
    // The same bytes as a block.
    let block = IndexPart.Head.Block(
      firstKey: 1, offset: 0, bytes: bytes.count, checksum: bytes.withUnsafeBytes { XXH64.hash($0) })
    for key in [1, 2, 1_000, UInt64.max] {
      try? IndexPart.find(key, in: bytes, of: block, commitCount: 1_000) { commit, _ in
        precondition(commit < 1_000)
      }
    }
  }

  private static func withChecksum(_ bytes: [UInt8], of kind: UInt8) -> [UInt8] {
    guard bytes.count >= 84 || (kind != 3 && bytes.count >= 56) else { return bytes }
    var changed = bytes
    func set(_ body: Range<Int>) {
      let sum = bytes.withUnsafeBytes { XXH64.hash(UnsafeRawBufferPointer(rebasing: $0[body])) }
      withUnsafeBytes(of: sum.littleEndian) { changed.replaceSubrange(body.upperBound..<body.upperBound + 8, with: $0) }
    }
    switch kind {
    case 1: set(0..<48)
    case 2:
      let part = bytes.withUnsafeBytes { try? IndexPart($0) }
      if let part, part.headBytes <= bytes.count { set(0..<part.headBytes - 8) }
    case 3: set(8..<bytes.count - 8)
    default: set(0..<bytes.count - 8)
    }
    return changed
  }
}
