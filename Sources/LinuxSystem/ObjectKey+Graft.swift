/// Keys of objects in a graft, which is what is mounted inside a source and followed as a part of it.
///
/// Two filesystems may give the very same handles, so such a key says which graft its object is in. The
/// number stands above the handle's type, of which Linux uses 8 bits. A key is not longer for it, and one
/// of the source's own filesystem is what it is without grafts:
///
///     type:  0  23 bits: the graft's number; 0 for the source's own filesystem  8 bits: the handle's type
extension ObjectKey {
  /// The largest number of a graft.
  public static let graftMax: UInt32 = 0x7f_ffff

  /// The number of the graft that the object is in; 0 for the source's own filesystem.
  @inlinable
  public var graft: UInt32 { type < 0 ? 0 : UInt32(type) >> 8 }

  /// The same handle in a graft.
  @inlinable
  public func inGraft(_ number: UInt32) -> ObjectKey {
    number == 0 ? self : ObjectKey(type: Self.type(handle: type & 0xff, inGraft: number), of: self)
  }

  /// The handle as its own filesystem gives it.
  @inlinable
  public var handle: ObjectKey { graft == 0 ? self : ObjectKey(type: type & 0xff, of: self) }

  /// The type that the keys of a graft have.
  @inlinable
  public static func type(handle type: Int32, inGraft number: UInt32) -> Int32 {
    type | Int32(number << 8)
  }

  /// Whether the object is in a graft that does not outlive its mount: one in memory.
  public var isInPassingGraft: Bool { graft != 0 && type & 0xff == 1 && byteCount == 12 }
}
