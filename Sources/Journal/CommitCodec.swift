import LinuxSystem
import Tree

/// Encodes commits as a journal's segments have them, and decodes them, without files.
package final class CommitCodec {
  private var encoder = FrameEncoder()
  private let decompressor = Decompressor()
  private var chain = ChainValue.start
  private var sequence = Sequence.zero

  package init() {}

  /// The frames of one commit, each of which follows from the one before.
  package func encode(
    _ changes: ChangeSet, flags: CommitFlags = [], drainedSeconds: Int64
  ) throws(JournalError) -> [UInt8] {
    sequence = sequence.next
    let header = FrameHeader(
      commitFlags: flags, hasMore: false, sequence: sequence, chain: chain, incarnation: 1,
      time: .zero, rawTime: .zero, drainedSeconds: drainedSeconds)
    encoder.removeAll()
    chain = try encoder.encode(header, marks: [], changes).chain
    return encoder.withFile { Array($0) }
  }

  /// The changes in the frames of one commit.
  ///
  /// - Returns: nil where they are damaged.
  package func decode(_ frames: [UInt8]) -> ChangeSet? {
    var changes = ChangeSet()
    var marks: [Mark] = []
    var attribution = Attribution()
    var at = 0
    while at < frames.count {
      let outcome = frames.withUnsafeBytes {
        decompressor.decode(UnsafeRawBufferPointer(rebasing: $0[at...]))
      }
      guard case .frame(let count) = outcome else { return nil }
      at += count
      let decoded = decompressor.plain.withUnsafeBytes {
        try? FrameDecoder.decode($0, marks: &marks, changes: &changes, attribution: &attribution)
      }
      if decoded == nil { return nil }
    }
    return changes
  }
}
