import CLinux
import Glibc

/// One event, lent by the buffer that it was read into.
///
/// ```
/// event   0  4  length of the whole event
///         4  1  version, 3
///         5  1  reserved
///         6  2  length of this header, 24; records follow
///         8  8  mask
///        16  4  descriptor; none in a group that reports handles
///        20  4  process
/// record  0  1  type
///         1  1  padding
///         2  2  length of the whole record
///         4  …  what the type says
/// handle  4  8  filesystem id
///        12  4  length of the handle
///        16  4  type of the handle
///        20  …  the handle; then, where the type has one, a name, NUL, and padding
/// ```
///
/// Records come in any order, those of unknown types are passed over, and the first one of a type
/// counts. See fanotify(7).
public struct Event: ~Escapable {
  /// No event is longer: 24 bytes, a handle in 148, two with names in 404 each, and what else a
  /// record of a few bytes says. The next power of two.
  static let byteCountMax = 1024
  @inlinable static var headerBytes: Int { 24 }
  @inlinable static var recordHeaderBytes: Int { 4 }
  @inlinable static var handleStart: Int { 20 }

  @usableFromInline let bytes: RawSpan
  /// Whether what stands for a missing descriptor is the number of an error.
  @usableFromInline let errorNumbers: Bool
  @usableFromInline var objectPlace = Place()
  @usableFromInline var directoryPlace = Place()
  @usableFromInline var oldPlace = Place()
  @usableFromInline var newPlace = Place()
  @usableFromInline var errorStart: UInt32 = 0
  @usableFromInline var processStart: UInt32 = 0
  @usableFromInline var mountStart: UInt32 = 0
  @usableFromInline var rangeStart: UInt32 = 0

  /// Where in the event a handle lies, from its filesystem id on, and how long it and its name are.
  @usableFromInline
  struct Place {
    /// 0 where there is none.
    @usableFromInline var start: UInt32 = 0
    /// At most 128.
    @usableFromInline var handleBytes: UInt16 = 0
    @usableFromInline var nameBytes: UInt16 = 0
    @inlinable init() {}
  }

  /// What happened; several bits where Linux merged several events.
  @inlinable
  public var mask: EventMask {
    EventMask(rawValue: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 8, as: UInt64.self))
  }

  /// The process that caused the event, as this process' namespace numbers it; 0 where it is in
  /// another one, or where the group is not privileged.
  @inlinable
  public var pid: Int32 {
    bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 20, as: Int32.self)
  }

  /// What stands for the file of the event in a group that reports descriptors.
  var fileValue: Int32 {
    bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 16, as: Int32.self)
  }

  /// Checks one event and notes where its records are.
  ///
  /// - Precondition: `bytes` holds `headerBytes` at least, and exactly what the event's length says.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, at offset: Int, errorNumbers: Bool) throws(EventFormatError) {
    self.bytes = bytes
    self.errorNumbers = errorNumbers
    let count = bytes.byteCount
    guard bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 4, as: UInt8.self) == 3 else {
      throw EventFormatError(.version, offset: offset)
    }
    var start = Int(bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 6, as: UInt16.self))
    guard start >= Self.headerBytes, start <= count else {
      throw EventFormatError(.eventLength, offset: offset)
    }
    while start < count {
      guard count - start >= Self.recordHeaderBytes else {
        throw EventFormatError(.recordLength, offset: offset)
      }
      let type = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt8.self)
      let length = Int(
        bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start + 2, as: UInt16.self))
      guard length >= Self.recordHeaderBytes, length <= count - start else {
        throw EventFormatError(.recordLength, offset: offset)
      }
      if let reason = note(type, start, length) { throw EventFormatError(reason, offset: offset) }
      start += length
    }
  }
}

extension Event {
  /// Notes one record; says what is wrong with it.
  @inlinable @inline(__always)
  mutating func note(_ type: UInt8, _ start: Int, _ length: Int) -> EventFormatError.Reason? {
    switch Int32(type) {
    case FAN_EVENT_INFO_TYPE_FID:
      return Self.note(&objectPlace, in: bytes, start, length, named: false)
    case FAN_EVENT_INFO_TYPE_DFID:
      return Self.note(&directoryPlace, in: bytes, start, length, named: false)
    case FAN_EVENT_INFO_TYPE_DFID_NAME:
      return Self.note(&directoryPlace, in: bytes, start, length, named: true)
    case FAN_EVENT_INFO_TYPE_OLD_DFID_NAME:
      return Self.note(&oldPlace, in: bytes, start, length, named: true)
    case FAN_EVENT_INFO_TYPE_NEW_DFID_NAME:
      return Self.note(&newPlace, in: bytes, start, length, named: true)
    case FAN_EVENT_INFO_TYPE_ERROR:
      return Self.note(&errorStart, start, length, bytesMin: 12)
    case FAN_EVENT_INFO_TYPE_PIDFD:
      return Self.note(&processStart, start, length, bytesMin: 8)
    case CL_FAN_EVENT_INFO_TYPE_RANGE:
      return Self.note(&rangeStart, start, length, bytesMin: 24)
    case CL_FAN_EVENT_INFO_TYPE_MNT:
      return Self.note(&mountStart, start, length, bytesMin: 16)
    default:
      return nil
    }
  }

  /// Notes a record of fixed length.
  @inlinable @inline(__always)
  static func note(
    _ place: inout UInt32, _ start: Int, _ length: Int, bytesMin: Int
  ) -> EventFormatError.Reason? {
    guard length >= bytesMin else { return .recordLength }
    if place == 0 { place = UInt32(truncatingIfNeeded: start) }
    return nil
  }

  /// Notes a record with a handle, and perhaps a name.
  @inlinable @inline(__always)
  static func note(
    _ place: inout Place, in bytes: RawSpan, _ start: Int, _ length: Int, named: Bool
  ) -> EventFormatError.Reason? {
    guard length >= handleStart else { return .recordLength }
    let handleBytes = Int(
      bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start + 12, as: UInt32.self))
    guard handleBytes <= CL_HANDLE_BYTES_MAX, handleBytes <= length - handleStart else {
      return .handleLength
    }
    var nameBytes = 0
    if named {
      let bound = length - handleStart - handleBytes
      // One call for the whole name, which is several times faster than a loop over its bytes.
      nameBytes = bytes.withUnsafeBytes {
        strnlen(
          ($0.baseAddress! + start + handleStart + handleBytes).assumingMemoryBound(to: CChar.self),
          bound)
      }
      guard nameBytes < bound else { return .name }
    }
    guard place.start == 0 else { return nil }
    // All of them are at most a record's length, which has 16 bits, or lie within an event.
    place.start = UInt32(truncatingIfNeeded: start + recordHeaderBytes)
    place.handleBytes = UInt16(truncatingIfNeeded: handleBytes)
    place.nameBytes = UInt16(truncatingIfNeeded: nameBytes)
    return nil
  }
}
