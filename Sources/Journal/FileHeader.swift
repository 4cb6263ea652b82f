import LinuxSystem
import Tree

/// What stands first in a segment or checkpoint: one skippable LZ4 frame, with a checksum of its
/// own, because `lz4 -t` does not look into skippable frames.
struct FileHeader: Equatable {
  enum Kind: UInt8 {
    case segment = 1
    case checkpoint = 2
  }

  /// The newest version that is understood, and the one that is written.
  static let version: UInt16 = 1
  /// The magic number of the first kind of skippable frame. See the LZ4 frame format, 1.6.2.
  static let skippableMagic: UInt32 = 0x184D_2A50
  /// "TREELINE".
  static let magic: UInt64 = 0x454E_494C_4545_5254
  /// Path, handle and filesystem are shorter than this together.
  static let bytesMax = 8_192

  var kind: Kind
  var journal: JournalID
  var source: SourceIdentity
  /// The first commit of a segment; the commit that a checkpoint is of.
  var sequence: Sequence
  /// The chain value of the commit before the first one; or of the checkpoint's commit.
  var chain: ChainValue
  /// The number of the next new object, in a checkpoint; 0 in a segment.
  var nextObjectID: UInt64

  func encoded() -> [UInt8] {
    var payload = ByteWriter()
    payload.integer(Self.magic)
    payload.integer(Self.version)
    payload.integer(kind.rawValue)
    payload.integer(UInt8(0))
    payload.integer(UInt32(0))  // flags that a reader may ignore
    payload.integer(UInt32(0))  // flags that a reader must know
    payload.append(journal.bytes)
    payload.integer(sequence.rawValue)
    payload.integer(chain.rawValue)
    payload.integer(nextObjectID)
    payload.integer(source.rootKey.type)
    payload.integer(UInt8(source.rootKey.byteCount))
    source.rootKey.withBytes { payload.append($0) }
    payload.integer(UInt8(source.filesystem.count))
    payload.append(source.filesystem)
    payload.integer(UInt16(source.path.count))
    payload.append(source.path)
    payload.integer(XXH64.hash(payload.bytes))
    var file = ByteWriter()
    file.integer(Self.skippableMagic)
    file.integer(UInt32(payload.count))
    file.append(payload.bytes)
    return Array(file.bytes)
  }

  /// What became of the bytes at a file's start.
  enum Outcome {
    case header(FileHeader, bytes: Int)
    case incomplete
    case malformed(String)
    case unsupported(Int)
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    var outer = ByteReader(bytes)
    guard let magic = try? outer.integer(UInt32.self), let size = try? outer.integer(UInt32.self)
    else { return .incomplete }
    guard magic == skippableMagic, size <= bytesMax, size >= 76 else {
      return .malformed("the file does not begin like a journal's")
    }
    guard let payload = try? outer.take(UInt64(size)) else { return .incomplete }
    do throws(ByteReader.Malformed) {
      var reader = ByteReader(payload)
      guard try reader.integer(UInt64.self) == Self.magic else {
        return .malformed("the file does not begin like a journal's")
      }
      let version = try reader.integer(UInt16.self)
      guard version == Self.version else { return .unsupported(Int(version)) }
      let body = UnsafeRawBufferPointer(rebasing: payload.dropLast(8))
      var tail = ByteReader(UnsafeRawBufferPointer(rebasing: payload.suffix(8)))
      guard try tail.integer(UInt64.self) == XXH64.hash(body) else {
        return .malformed("the file's header is damaged")
      }
      guard let kind = Kind(rawValue: try reader.integer(UInt8.self)) else {
        return .malformed("the file is of an unknown kind")
      }
      _ = try reader.integer(UInt8.self)
      _ = try reader.integer(UInt32.self)
      guard try reader.integer(UInt32.self) == 0 else {
        return .malformed("the file needs a newer version of treeline")
      }
      let journal = JournalID(Array(try reader.take(16)))
      let sequence = try reader.integer(UInt64.self)
      let chain = try reader.integer(UInt64.self)
      let nextObjectID = try reader.integer(UInt64.self)
      let type = try reader.integer(Int32.self)
      let keyBytes = try reader.take(UInt64(try reader.integer(UInt8.self)))
      guard keyBytes.count <= ObjectKey.byteCountMax else { return .malformed("an impossible handle") }
      let key = ObjectKey(type: type, bytes: keyBytes)
      let filesystem = Array(try reader.take(UInt64(try reader.integer(UInt8.self))))
      let path = Array(try reader.take(UInt64(try reader.integer(UInt16.self))))
      guard reader.remaining == 8, sequence <= FrameLayout.sequenceMax, nextObjectID <= ObjectID.last.rawValue else {
        return .malformed("the file's header is malformed")
      }
      return .header(
        FileHeader(
          kind: kind, journal: journal,
          source: SourceIdentity(path: path, rootKey: key, filesystem: filesystem),
          sequence: Sequence(sequence), chain: ChainValue(chain), nextObjectID: nextObjectID),
        bytes: 8 + Int(size))
    } catch {
      return .malformed(error.what)
    }
  }
}
