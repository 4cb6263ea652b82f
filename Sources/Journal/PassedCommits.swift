import LinuxSystem
import SystemPackage
import Tree

/// Commits at the end of a segment that no index covers yet, as they stand there: an object is looked for in
/// what they say of objects' numbers, which takes a fraction of the time that indexing them would.
struct PassedCommits {
  /// What is held of them, decompressed; a part of an index is made before that, unless entries are huge.
  static let plainBytesMax = 8 << 20

  /// What it takes most often: grown step by step it would be copied again and again.
  private static let plainBytesUsual = 3 << 20

  private struct Place {
    let offset: Int64
    let sequence: Sequence
    /// The last of its frames.
    var lastFrame: Int
  }

  private var plain: [UInt8] = []
  /// Where each frame's content ends in `plain`.
  private var frameEnds: [Int] = []
  private var commits: [Place] = []
  /// Where the last one ends.
  private(set) var last: Cursor
  private(set) var ends: Int64

  /// Reads them.
  ///
  /// - Parameters:
  ///   - reader: stands before the first.
  ///   - end: the segment's last; nil where it is written still.
  /// - Returns: nil where they are none, are too much, or are not all as they should be.
  init?(_ reader: JournalReader, upTo end: Sequence?) throws(JournalError) {
    guard let frames = reader.frames else { return nil }
    (last, ends) = (reader.position, frames.offset)
    plain.reserveCapacity(Self.plainBytesUsual)
    while end.map({ last.sequence < $0 }) ?? true {
      let before = frameEnds.count
      let cursor = try reader.commits.pass(frames, after: last, file: reader.segmentName) { content in
        plain.append(contentsOf: content)
        frameEnds.append(plain.count)
      }
      guard let cursor else {
        // What was begun is none.
        frameEnds.removeLast(frameEnds.count - before)
        break
      }
      guard plain.count <= Self.plainBytesMax else { return nil }
      commits.append(Place(offset: ends, sequence: cursor.sequence, lastFrame: frameEnds.count - 1))
      (last, ends) = (cursor, frames.offset)
    }
    if let end {
      guard last.sequence == end else { return nil }
    } else {
      let durable = try reader.durable()
      guard last.sequence > durable.sequence || last == durable else { return nil }
    }
    guard !commits.isEmpty else { return nil }
  }

  /// The place of the commit that has a number, or of the last before it.
  func place(atOrBefore sequence: Sequence, in segment: Sequence) -> CommitPlace? {
    var low = 0
    var high = commits.count
    while low < high {
      let middle = (low + high) / 2
      if commits[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    return CommitPlace(segment: segment, offset: commits[low - 1].offset, sequence: commits[low - 1].sequence)
  }

  /// Gives each commit that says something of an object, and what it says of the objects' names.
  ///
  /// - Returns: false where one is not as it should be.
  func find(_ wanted: ObjectFilter, in segment: Sequence, _ body: (CommitPlace, ChangeSet) -> Void) -> Bool {
    var changes = ChangeSet()
    var frame = 0
    for commit in commits {
      while frame <= commit.lastFrame {
        let range = (frame == 0 ? 0 : frameEnds[frame - 1])..<frameEnds[frame]
        let isRead = plain.withUnsafeBytes { bytes in
          (try? ObjectPicker.pick(UnsafeRawBufferPointer(rebasing: bytes[range]), wanted, into: &changes)) != nil
        }
        guard isRead else { return false }
        frame += 1
      }
      guard !changes.isEmpty else { continue }
      body(CommitPlace(segment: segment, offset: commit.offset, sequence: commit.sequence), changes)
      changes.removeAll()
    }
    return true
  }
}
