import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The file that names the last durable commit, in two slots that are written in turn: one is whole
/// whenever the other is being written.
///
/// It tells damage from a torn tail: what lies at or below it was durable.
struct Head {
  static let fileName = "HEAD"
  /// Its name until it is whole for the first time.
  static let temporaryName = "HEAD.new"
  /// A slot: magic 8, generation 8, journal 16, sequence 8, chain 8, checksum 8, unused 8.
  static let slotBytes = 64
  /// "TLJHEAD1".
  static let magic: UInt64 = 0x3144_4145_484A_4C54

  var generation: UInt64
  var cursor: Cursor

  func encoded() -> [UInt8] {
    var slot = ByteWriter(capacity: Self.slotBytes)
    slot.integer(Self.magic)
    slot.integer(generation)
    slot.append(cursor.journal.bytes)
    slot.integer(cursor.sequence.rawValue)
    slot.integer(cursor.chain.rawValue)
    slot.integer(XXH64.hash(slot.bytes))
    slot.integer(UInt64(0))
    return Array(slot.bytes)
  }

  /// The newer of the two slots; nil when neither is whole.
  static func decode(_ bytes: [UInt8]) -> Head? {
    var newest: Head? = nil
    for start in stride(from: 0, through: slotBytes, by: slotBytes)
    where bytes.count >= start + slotBytes {
      let slot = bytes[start..<start + slotBytes]
      guard let head = decode(slot: Array(slot)) else { continue }
      if newest == nil || head.generation > newest!.generation { newest = head }
    }
    return newest
  }

  private static func decode(slot: [UInt8]) -> Head? {
    slot.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      guard let found = try? reader.integer(UInt64.self), found == magic,
        let generation = try? reader.integer(UInt64.self), let id = try? reader.take(16),
        let sequence = try? reader.integer(UInt64.self),
        let chain = try? reader.integer(UInt64.self),
        sequence <= FrameLayout.sequenceMax, generation < UInt64(Int64.max),
        let checksum = try? reader.integer(UInt64.self),
        checksum == XXH64.hash(UnsafeRawBufferPointer(rebasing: bytes.prefix(48)))
      else { return nil }
      return Head(
        generation: generation,
        cursor: Cursor(
          journal: JournalID(Array(id)), sequence: Sequence(sequence), chain: ChainValue(chain)))
    }
  }
}
