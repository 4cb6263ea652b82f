import LinuxSystem
import Tree

/// How far a named consumer of a journal has come: what it still needs is not dropped.
public struct JournalCursor: Hashable, Sendable {
  /// 1 to 220 bytes: letters, digits, `-`, `_` and `.`, which is not the first.
  public var name: String
  /// The last commit whose work is durable at the consumer.
  public var cursor: Cursor
  /// When it was moved last.
  public var moved: Timestamp
  /// What it belongs to, for a person: a destination's path, say. At most 4096 bytes.
  public var label: [UInt8]

  public init(name: String, cursor: Cursor, moved: Timestamp, label: [UInt8] = []) {
    self.name = name
    self.cursor = cursor
    self.moved = moved
    self.label = label
  }

  /// Whether a consumer can be called this.
  public static func isName(_ name: String) -> Bool {
    (1...nameBytesMax).contains(name.utf8.count) && name.utf8.first != 0x2e
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
      }
  }

  // MARK: Its file

  /// A file's name has 255 bytes; the temporary one adds some.
  private static let nameBytesMax = 220
  private static let labelBytesMax = 4_096
  /// "TLJCURS1".
  private static let magic: UInt64 = 0x3153_5255_434A_4C54
  /// The largest file of one.
  static let fileBytesMax = 70 + labelBytesMax

  ///      0  magic "TLJCURS1"        8
  ///      8  flags to be understood  4
  ///     12  journal                16
  ///     28  sequence                8
  ///     36  chain                   8
  ///     44  moved: seconds 8, nanoseconds 4
  ///     56  label                   2, then its bytes
  ///      …  checksum                8
  func encoded() -> [UInt8] {
    let label = label.prefix(Self.labelBytesMax)
    var file = ByteWriter(capacity: Self.fileBytesMax)
    file.integer(Self.magic)
    file.integer(UInt32(0))
    file.append(cursor.journal.bytes)
    file.integer(cursor.sequence.rawValue)
    file.integer(cursor.chain.rawValue)
    file.integer(moved.seconds)
    file.integer(moved.nanoseconds)
    file.integer(UInt16(label.count))
    file.append(Array(label))
    file.integer(XXH64.hash(file.bytes))
    return Array(file.bytes)
  }

  static func decode(_ bytes: [UInt8], name: String) throws(ByteReader.Malformed) -> JournalCursor {
    var outcome: Result<JournalCursor, ByteReader.Malformed>? = nil
    bytes.withUnsafeBytes { bytes in
      do throws(ByteReader.Malformed) { outcome = .success(try decode(bytes, name)) } catch {
        outcome = .failure(error)
      }
    }
    return try outcome!.get()
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, _ name: String
  ) throws(ByteReader.Malformed) -> JournalCursor {
    guard bytes.count >= 66, bytes.count <= fileBytesMax else {
      throw ByteReader.Malformed("it is no cursor")
    }
    var tail = ByteReader(UnsafeRawBufferPointer(rebasing: bytes.suffix(8)))
    let body = UnsafeRawBufferPointer(rebasing: bytes.dropLast(8))
    var reader = ByteReader(body)
    guard try reader.integer(UInt64.self) == magic else {
      throw ByteReader.Malformed("it is no cursor")
    }
    guard try tail.integer(UInt64.self) == XXH64.hash(body) else {
      throw ByteReader.Malformed("it is damaged")
    }
    guard try reader.integer(UInt32.self) == 0 else {
      throw ByteReader.Malformed("it needs a newer version of treeline")
    }
    let journal = JournalID(Array(try reader.take(16)))
    let sequence = try reader.integer(UInt64.self)
    let chain = try reader.integer(UInt64.self)
    let seconds = try reader.integer(Int64.self)
    let nanoseconds = try reader.integer(UInt32.self)
    let label = Array(try reader.take(UInt64(try reader.integer(UInt16.self))))
    guard reader.isAtEnd, sequence <= FrameLayout.sequenceMax, nanoseconds < 1_000_000_000 else {
      throw ByteReader.Malformed("it is malformed")
    }
    return JournalCursor(
      name: name,
      cursor: Cursor(journal: journal, sequence: Sequence(sequence), chain: ChainValue(chain)),
      moved: Timestamp(seconds: seconds, nanoseconds: nanoseconds), label: label)
  }
}
