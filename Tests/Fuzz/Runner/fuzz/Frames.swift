@testable import Journal
import LinuxSystem
import Tree

extension Fuzz {
  private nonisolated(unsafe) static let decompressor = Decompressor()

  /// Bytes as they stand in a segment: LZ4's own framing, whatever it claims.
  static func frames(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var at = 0
    while at < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
      guard case .frame(let count) = decompressor.decode(rest) else { return 0 }
      precondition(count > 0 && count <= rest.count, "a frame reaches beyond its bytes")
      precondition(decompressor.plain.count <= FrameLayout.plainBytesLimit)
      _ = decompressor.plain.withUnsafeBytes { content(of: $0) }
      at += count
    }
    return 0
  }

  /// The content of a frame, as a forger makes it whose checksums are right. What is accepted is within all
  /// bounds, and reads the same when it is written anew.
  static func records(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let commit = content(of: bytes) else { return 0 }
    check(commit.changes)
    var encoder = FrameEncoder()
    let header = FrameHeader(
      commitFlags: commit.header.flags, hasMore: false, sequence: Sequence(1), chain: .start, incarnation: 1,
      time: .zero, rawTime: .zero, drainedSeconds: 0)
    // What a forger made one object of may be more than a frame holds.
    guard (try? encoder.encode(header, marks: [], commit.changes, by: commit.attribution)) != nil else { return 0 }
    var again = Commit()
    var rest = encoder.withFile { Array($0) }[...]
    while !rest.isEmpty {
      guard case .frame(let count) = rest.withUnsafeBytes({ decompressor.decode($0) }) else {
        preconditionFailure("what was written is no frame")
      }
      rest = rest.dropFirst(count)
      let isRead = decompressor.plain.withUnsafeBytes {
        (try? FrameDecoder.decode(
          $0, marks: &again.marks, changes: &again.changes, attribution: &again.attribution)) != nil
      }
      precondition(isRead, "what was accepted is refused when it is written anew")
    }
    precondition(isSame(commit.changes, again.changes), "what was written anew says something else")
    return 0
  }

  private static func content(of bytes: UnsafeRawBufferPointer) -> Commit? { changes(inFrame: bytes) }

  static func check(_ changes: ChangeSet) {
    var next = 0
    for object in changes.objects {
      precondition(object.id >= .root && object.id <= .last)
      precondition(Int(object.firstLink) == next)
      next += Int(object.linkCount)
      for slice in [object.key, object.target, object.extendedAttributes] {
        precondition(Int(slice.offset) + Int(slice.count) <= changes.bytes.count)
      }
      for link in changes.links(of: object) {
        precondition(changes.withBytes(link.name) { Name.isLegal($0) })
        precondition(link.parent >= .root && link.parent <= .last)
      }
      precondition(object.attributes.modified.nanoseconds < 1_000_000_000)
      precondition(object.changed.nanoseconds < 1_000_000_000)
    }
    precondition(next == changes.links.count)
  }

  /// In any order: a writer puts like beside like.
  private static func isSame(_ a: ChangeSet, _ b: ChangeSet) -> Bool {
    guard a.objects.count == b.objects.count else { return false }
    return zip(ordered(a.objects), ordered(b.objects)).allSatisfy { x, y in
      x.id == y.id && x.facts == y.facts && x.attributes == y.attributes && x.changed == y.changed
        && x.drainedSeconds == y.drainedSeconds && x.linkCount == y.linkCount
        && a.array(x.key) == b.array(y.key) && a.array(x.target) == b.array(y.target)
        && a.array(x.extendedAttributes) == b.array(y.extendedAttributes)
        && zip(a.links(of: x), b.links(of: y)).allSatisfy { $0.isGained == $1.isGained && a.link($0) == b.link($1) }
    }
  }
  /// What stands twice, in other words, comes in the order of what a writer tells apart.
  private static func ordered(_ objects: [ObjectChange]) -> [ObjectChange] {
    objects.enumerated().sorted { a, b in
      let (x, y) = (a.element, b.element)
      if x.id != y.id { return x.id < y.id }
      if x.facts != y.facts { return x.facts.rawValue < y.facts.rawValue }
      let (xLinks, yLinks) = (min(x.linkCount, 3), min(y.linkCount, 3))
      return xLinks != yLinks ? xLinks < yLinks : a.offset < b.offset
    }.map(\.element)
  }
}
