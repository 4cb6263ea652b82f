import LinuxSystem

/// An object's handle as it lies in an event.
public struct HandleView: ~Escapable {
  /// The record from its filesystem id on: 8 bytes of id, 4 of length, 4 of type, the handle.
  @usableFromInline let record: RawSpan

  /// - Precondition: `record` was checked to hold a whole handle.
  @inlinable
  @_lifetime(copy record)
  init(_ record: RawSpan) { self.record = record }

  /// The id of the filesystem, as statfs(2) gives it: its two words, the first one in the low half.
  @inlinable
  public var fsid: UInt64 {
    record.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt64.self)
  }

  /// The handle's type, which the filesystem chooses.
  @inlinable
  public var type: Int32 {
    record.unsafeLoadUnaligned(fromUncheckedByteOffset: 12, as: Int32.self)
  }

  /// The handle's bytes, valid until the buffer is read into again or goes.
  @inlinable
  public var bytes: UnsafeRawBufferPointer {
    record.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[16...]) }
  }

  /// The object's identity within its filesystem: type and bytes.
  @inlinable
  public var key: ObjectKey { ObjectKey(type: type, bytes: bytes) }
}
