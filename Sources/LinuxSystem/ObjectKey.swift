import CLinux

/// The identity of a filesystem object within its filesystem: its file handle, type included.
///
/// Handles survive renames and remounts; a reused inode number gets another handle. Up to 32 bytes
/// (every filesystem in common use) are held inline, so that making a key allocates nothing.
/// See name_to_handle_at(2).
public struct ObjectKey: Hashable, Sendable {
  /// The longest handle that the kernel makes. The corresponding C constant is MAX_HANDLE_SZ.
  public static let byteCountMax = 128

  /// The handle's type, which the filesystem chooses.
  public let type: Int32
  public let byteCount: Int32
  @usableFromInline let word0: UInt64
  @usableFromInline let word1: UInt64
  @usableFromInline let word2: UInt64
  @usableFromInline let word3: UInt64
  @usableFromInline let rest: [UInt8]?

  /// - Precondition: at most `byteCountMax` bytes.
  @inlinable
  public init(type: Int32, bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= Self.byteCountMax, "a handle has at most 128 bytes")
    self.type = type
    byteCount = Int32(bytes.count)
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words) {
      $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(32)))
    }
    (word0, word1, word2, word3) = words
    rest = bytes.count > 32 ? Array(bytes.dropFirst(32)) : nil
  }

  /// The bytes of another key with another type.
  @inlinable
  init(type: Int32, of other: ObjectKey) {
    self.type = type
    byteCount = other.byteCount
    (word0, word1, word2, word3) = (other.word0, other.word1, other.word2, other.word3)
    rest = other.rest
  }

  /// Lends the handle's bytes.
  @inlinable
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let words = (word0, word1, word2, word3)
    if let rest {
      return withUnsafeTemporaryAllocation(byteCount: Int(byteCount), alignment: 8) { buffer in
        withUnsafeBytes(of: words) { buffer.copyMemory(from: $0) }
        rest.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(rebasing: buffer.dropFirst(32)).copyMemory(from: $0)
        }
        return body(UnsafeRawBufferPointer(buffer))
      }
    }
    return withUnsafeBytes(of: words) {
      body(UnsafeRawBufferPointer(rebasing: $0.prefix(Int(byteCount))))
    }
  }

  /// A well-mixed hash of type and bytes, the same in every process.
  @inlinable
  public var mixed: UInt64 {
    var hash = UInt64(UInt32(bitPattern: type)) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(byteCount)
    hash = (hash ^ word0) &* 0xD6E8_FEB8_6659_FD93
    hash ^= hash >> 32
    hash = (hash ^ word1) &* 0xD6E8_FEB8_6659_FD93
    hash ^= hash >> 32
    if byteCount > 16 {
      hash = (hash ^ word2) &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash >> 32
      hash = (hash ^ word3) &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash >> 32
      if let rest {
        for byte in rest { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      }
    }
    hash = hash &* 0xD6E8_FEB8_6659_FD93
    return hash ^ (hash >> 32)
  }

  @inlinable
  public static func == (a: ObjectKey, b: ObjectKey) -> Bool {
    a.word0 == b.word0 && a.word1 == b.word1 && a.word2 == b.word2 && a.word3 == b.word3
      && a.type == b.type && a.byteCount == b.byteCount && a.rest == b.rest
  }

  @inlinable
  public func hash(into hasher: inout Hasher) { hasher.combine(mixed) }
}
