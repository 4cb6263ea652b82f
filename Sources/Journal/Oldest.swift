import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The point from which on a journal is kept: a file that says that what lies before was dropped on
/// purpose, written before anything is.
///
/// Without it a journal begins with commit 1, and a first segment that is another is a loss.
struct Oldest {
  static let fileName = "OLDEST"
  /// "TLJOLDE1".
  private static let magic: UInt64 = 0x3145_444C_4F4A_4C54
  private static let fileBytes = 52

  /// The last commit that was dropped.
  var cursor: Cursor

  ///      0  magic "TLJOLDE1"        8
  ///      8  flags to be understood  4
  ///     12  journal                16
  ///     28  sequence                8
  ///     36  chain                   8
  ///     44  checksum                8
  func encoded() -> [UInt8] {
    var file = ByteWriter(capacity: Self.fileBytes)
    file.integer(Self.magic)
    file.integer(UInt32(0))
    file.append(cursor.journal.bytes)
    file.integer(cursor.sequence.rawValue)
    file.integer(cursor.chain.rawValue)
    file.integer(XXH64.hash(file.bytes))
    return Array(file.bytes)
  }

  /// - Returns: nil where nothing was ever dropped.
  static func read(_ directory: JournalDirectory) throws(JournalError) -> Oldest? {
    let bytes: [UInt8]?
    do throws(JournalError) { bytes = try directory.read(fileName, limit: 4_096) } catch .io(.fileTooLarge, _, _) {
      throw damaged
    }
    guard let bytes else { return nil }
    guard let oldest = decode(bytes) else { throw damaged }
    return oldest
  }

  func write(_ directory: JournalDirectory) throws(JournalError) {
    try directory.replace(Self.fileName, with: encoded())
  }

  private static let damaged = JournalError.damaged(
    Finding(file: fileName, offset: 0, sequence: nil, what: "it is not as it was written"))

  private static func decode(_ bytes: [UInt8]) -> Oldest? {
    guard bytes.count == fileBytes else { return nil }
    return bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      guard (try? reader.integer(UInt64.self)) == magic, (try? reader.integer(UInt32.self)) == 0,
        let id = try? reader.take(16), let sequence = try? reader.integer(UInt64.self),
        let chain = try? reader.integer(UInt64.self), sequence < FrameLayout.sequenceMax,
        (try? reader.integer(UInt64.self))
          == XXH64.hash(UnsafeRawBufferPointer(rebasing: bytes.dropLast(8)))
      else { return nil }
      return Oldest(
        cursor: Cursor(
          journal: JournalID(Array(id)), sequence: Sequence(sequence), chain: ChainValue(chain)))
    }
  }
}
