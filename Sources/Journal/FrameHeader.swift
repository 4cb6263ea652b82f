import LinuxSystem
import Tree

/// The fixed part of a frame's content.
///
///      0  magic "TLC1"            4
///      4  commit flags            2
///      6  frame flags             2
///      8  sequence                8
///     16  chain before the frame  8
///     24  incarnation             8
///     32  time: seconds 8, nanoseconds 4
///     44  raw time: seconds 8, nanoseconds 4
///     56  drained, seconds        8
///     64  see `CommitRange`      28  where the frame is a compacted one
struct FrameHeader: Equatable {
  var commitFlags: CommitFlags
  var hasMore: Bool
  var sequence: Sequence
  var chain: ChainValue
  var incarnation: UInt64
  var time: Timestamp
  var rawTime: Timestamp
  var drainedSeconds: Int64
  /// What a compacted commit stands for.
  var range: CommitRange?

  func encode(into frame: inout ByteWriter) {
    frame.integer(FrameLayout.magic)
    frame.integer(commitFlags.rawValue)
    frame.integer(
      (hasMore ? FrameLayout.moreFlag : 0) | (range == nil ? 0 : FrameLayout.compactedFlag))
    frame.integer(sequence.rawValue)
    frame.integer(chain.rawValue)
    frame.integer(incarnation)
    frame.integer(time.seconds)
    frame.integer(time.nanoseconds)
    frame.integer(rawTime.seconds)
    frame.integer(rawTime.nanoseconds)
    frame.integer(drainedSeconds)
    range?.encode(into: &frame)
  }

  init(
    commitFlags: CommitFlags, hasMore: Bool, sequence: Sequence, chain: ChainValue,
    incarnation: UInt64, time: Timestamp, rawTime: Timestamp, drainedSeconds: Int64,
    range: CommitRange? = nil
  ) {
    self.commitFlags = commitFlags
    self.hasMore = hasMore
    self.sequence = sequence
    self.chain = chain
    self.incarnation = incarnation
    self.time = time
    self.rawTime = rawTime
    self.drainedSeconds = drainedSeconds
    self.range = range
  }

  init(_ reader: inout ByteReader) throws(ByteReader.Malformed) {
    guard try reader.integer(UInt32.self) == FrameLayout.magic else {
      throw ByteReader.Malformed("the frame is none of a journal")
    }
    commitFlags = CommitFlags(rawValue: try reader.integer(UInt16.self))
    let frameFlags = try reader.integer(UInt16.self)
    let unknown = commitFlags.rawValue | frameFlags & ~FrameLayout.compactedFlag
    guard unknown & FrameLayout.flagsToUnderstand == 0 else {
      throw ByteReader.Malformed("the frame needs a newer version of treeline")
    }
    hasMore = frameFlags & FrameLayout.moreFlag != 0
    sequence = Sequence(try reader.integer(UInt64.self))
    chain = ChainValue(try reader.integer(UInt64.self))
    incarnation = try reader.integer(UInt64.self)
    time = Timestamp(
      seconds: try reader.integer(Int64.self), nanoseconds: try reader.integer(UInt32.self))
    rawTime = Timestamp(
      seconds: try reader.integer(Int64.self), nanoseconds: try reader.integer(UInt32.self))
    drainedSeconds = try reader.integer(Int64.self)
    guard sequence.rawValue <= FrameLayout.sequenceMax else {
      throw ByteReader.Malformed("an impossible number of a commit")
    }
    guard time.nanoseconds < 1_000_000_000, rawTime.nanoseconds < 1_000_000_000 else {
      throw ByteReader.Malformed("an impossible time")
    }
    range =
      frameFlags & FrameLayout.compactedFlag == 0 ? nil : try CommitRange(&reader, after: sequence)
  }
}
