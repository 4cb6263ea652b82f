import LinuxSystem
import Tree

/// The commits that a compacted one stands for; it follows the fixed part of each of its frames.
///
///     64  last sequence           8   the first is that of the frame
///     72  chain after the last    8
///     80  time of the first: seconds 8, nanoseconds 4
struct CommitRange: Equatable {
  var last: Sequence
  /// The chain value that the commits had after the last of them; that before is in the frame.
  var chain: ChainValue
  var firstTime: Timestamp

  func encode(into frame: inout ByteWriter) {
    frame.integer(last.rawValue)
    frame.integer(chain.rawValue)
    frame.integer(firstTime.seconds)
    frame.integer(firstTime.nanoseconds)
  }

  init(last: Sequence, chain: ChainValue, firstTime: Timestamp) {
    self.last = last
    self.chain = chain
    self.firstTime = firstTime
  }

  /// - Parameter header: of the frame, read so far.
  init(_ reader: inout ByteReader, after first: Sequence) throws(ByteReader.Malformed) {
    last = Sequence(try reader.integer(UInt64.self))
    chain = ChainValue(try reader.integer(UInt64.self))
    firstTime = Timestamp(
      seconds: try reader.integer(Int64.self), nanoseconds: try reader.integer(UInt32.self))
    guard last >= first, last.rawValue <= FrameLayout.sequenceMax else {
      throw ByteReader.Malformed("an impossible range of commits")
    }
    guard firstTime.nanoseconds < 1_000_000_000 else { throw ByteReader.Malformed("an impossible time") }
  }
}
