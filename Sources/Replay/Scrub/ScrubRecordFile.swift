import Journal
import LinuxSystem
import SystemPackage

/// The files in which a scrub keeps what it has found: records in blocks, by rising inode number.
///
/// ```
/// header   magic        8   "TLscrub" and 1
///          destination 16   its own number
///          began        8   seconds since 1970
///          ended        8   0 while it is under way
///          unused      16   0
///          checksum     8   XXH64 of the bytes before it
/// block    count        8   1 to 127
///          records           inode 8, born 8, stamp 8, hash 8; 0 to the end
///          checksum     8   XXH64 of the bytes before it, seeded with the block's number
/// ```
/// Integers are little-endian; the header has 64 bytes, a block 4,096. Whoever reads one believes nothing of it
/// after a block that is damaged, or out of order.
enum ScrubRecordFile {
  static let magic: [UInt8] = Array("TLscrub".utf8) + [1]
  static let headerBytes = 64
  static let blockBytes = 4_096
  static let recordsMax = 127

  struct Header {
    var destination: [UInt8]
    var beganSeconds: Int64
    var endedSeconds: Int64 = 0

    var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.put(raw: magic)
      writer.put(raw: destination)
      writer.put(beganSeconds)
      writer.put(endedSeconds)
      writer.put(UInt64(0))
      writer.put(UInt64(0))
      writer.put(writer.bytes.withUnsafeBytes { XXH64.hash($0) })
      return writer.bytes
    }

    init(destination: [UInt8], beganSeconds: Int64) {
      self.destination = destination
      self.beganSeconds = beganSeconds
    }

    init?(_ bytes: [UInt8]) {
      guard bytes.count == headerBytes else { return nil }
      let checksum = bytes.dropLast(8).withUnsafeBytes { XXH64.hash($0) }
      var reader = PayloadReader(bytes)
      guard let start = try? reader.raw(8), start.elementsEqual(magic),
        let destination = try? reader.raw(16), let began = try? reader.number(Int64.self),
        let ended = try? reader.number(Int64.self), (try? reader.raw(16)) != nil,
        (try? reader.number(UInt64.self)) == checksum
      else { return nil }
      self.init(destination: Array(destination), beganSeconds: began)
      endedSeconds = ended
    }
  }

  static func encode(_ records: ArraySlice<ScrubRecord>, block number: Int) -> [UInt8] {
    var writer = PayloadWriter()
    writer.put(UInt64(records.count))
    for record in records {
      writer.put(record.inode)
      writer.put(record.born)
      writer.put(record.stamp)
      writer.put(record.hash)
    }
    writer.put(raw: [UInt8](repeating: 0, count: blockBytes - 8 - writer.bytes.count))
    writer.put(writer.bytes.withUnsafeBytes { XXH64.hash($0, seed: UInt64(number)) })
    return writer.bytes
  }

  /// - Returns: nil when it is no block.
  static func decode(_ bytes: [UInt8], block number: Int) -> [ScrubRecord]? {
    guard bytes.count == blockBytes else { return nil }
    let checksum = bytes.dropLast(8).withUnsafeBytes { XXH64.hash($0, seed: UInt64(number)) }
    var reader = PayloadReader(bytes)
    do throws(PayloadReader.Malformed) {
      let count = try reader.number(UInt64.self)
      guard (1...UInt64(recordsMax)).contains(count) else { return nil }
      var records: [ScrubRecord] = []
      records.reserveCapacity(Int(count))
      for _ in 0..<count {
        records.append(
          ScrubRecord(
            inode: try reader.number(), born: try reader.number(), stamp: try reader.number(),
            hash: try reader.number()))
      }
      var tail = PayloadReader(Array(bytes.suffix(8)))
      return try tail.number(UInt64.self) == checksum ? records : nil
    } catch {
      return nil
    }
  }
}
