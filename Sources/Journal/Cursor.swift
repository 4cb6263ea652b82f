import Glibc
import LinuxSystem
import Tree

/// The lasting, random name of one journal.
public struct JournalID: Hashable, Sendable {
  /// 16 bytes.
  public let bytes: [UInt8]

  /// - Precondition: 16 bytes.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == 16, "a journal id has 16 bytes")
    self.bytes = bytes
  }

  static func random() -> JournalID {
    var generator = SystemRandomNumberGenerator()
    return JournalID((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  /// 32 hexadecimal digits.
  public var text: String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// The checksum of a commit and, through it, of all before it.
public struct ChainValue: Hashable, Sendable {
  public let rawValue: UInt64
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  public static let start = ChainValue(0)

  /// 16 hexadecimal digits.
  public var text: String {
    let digits = String(rawValue, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// A point in one journal's history, which no other history shares: a journal that was restored
/// from an old copy and written on has another chain.
public struct Cursor: Hashable, Sendable {
  public var journal: JournalID
  public var sequence: Sequence
  public var chain: ChainValue

  public init(journal: JournalID, sequence: Sequence, chain: ChainValue) {
    self.journal = journal
    self.sequence = sequence
    self.chain = chain
  }
}

/// Which directory a journal is about.
public struct SourceIdentity: Hashable, Sendable {
  /// Where it was when the journal was made.
  public var path: [UInt8]
  public var rootKey: ObjectKey
  /// The filesystem's UUID, or its id of statfs(2).
  public var filesystem: [UInt8]

  public init(path: [UInt8], rootKey: ObjectKey, filesystem: [UInt8]) {
    self.path = path
    self.rootKey = rootKey
    self.filesystem = filesystem
  }
}
