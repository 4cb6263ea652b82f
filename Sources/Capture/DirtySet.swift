import Glibc
import LinuxSystem

/// What has been hinted at and not yet been looked at: names in directories, and objects.
///
/// An event is only a hint, so equal hints are one. The set takes a bounded amount of memory; when
/// it is full it keeps a single fact: that everything may have changed.
package final class DirtySet {
  /// What was hinted of a name or an object.
  package struct Hint: OptionSet, BitwiseCopyable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The name may stand for another object, or none.
    package static let name = Hint(rawValue: 1)
    /// Its content was written, or its modification time set.
    package static let modified = Hint(rawValue: 2)
    /// Someone who could write it has closed it.
    package static let closed = Hint(rawValue: 4)
    package static let attributes = Hint(rawValue: 8)
    /// Something in the directory was changed, and nobody says what.
    package static let something = Hint(rawValue: 16)
  }

  /// One hint, lent for a call: the object, or the directory and a name in it.
  package struct Record {
    package let hint: Hint
    package let key: ObjectKey
    /// Empty when the object itself is meant.
    package let name: UnsafeRawBufferPointer
  }

  /// Half a million hints at their usual size of about 64 bytes, and all that a full kernel queue
  /// can hold several times over.
  package static let bytesMax = 32 << 20

  // A record: hash 4, hint 4, key type 4, key bytes 1, name bytes 1, unused 2, key, name, padding.
  private static let headerBytes = 16
  private var records: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = 0
  private var table: [UInt32]
  package private(set) var count = 0
  /// Hints were lost, here or in the kernel: all must be looked at again.
  package private(set) var isEverything = false

  package init() {
    capacity = 1 << 16
    records = .allocate(byteCount: capacity, alignment: 8)
    table = Array(repeating: 0, count: 1 << 10)
  }

  deinit { records.deallocate() }

  package var isEmpty: Bool { count == 0 && !isEverything }

  package func removeAll() {
    if used > 0 { table.withUnsafeMutableBufferPointer { $0.update(repeating: 0) } }
    if capacity > 1 << 22 {
      records.deallocate()
      capacity = 1 << 16
      records = .allocate(byteCount: capacity, alignment: 8)
      table = Array(repeating: 0, count: 1 << 10)
    }
    used = 0
    count = 0
    isEverything = false
  }

  /// Forgets single hints for the one that covers them all.
  package func addEverything() {
    removeAll()
    isEverything = true
  }

  package func add(
    _ hint: Hint, type: Int32, key: UnsafeRawBufferPointer, name: UnsafeRawBufferPointer
  ) {
    if isEverything { return }
    guard key.count <= ObjectKey.byteCountMax, name.count <= 255 else { return }
    let hash = Self.hash(type, key, name)
    var at = Int(hash) & (table.count - 1)
    while table[at] != 0 {
      let record = records + Int(table[at] - 1)
      if Self.isEqual(record, hash, type, key, name) {
        let old = record.load(fromByteOffset: 4, as: UInt32.self)
        record.storeBytes(of: old | hint.rawValue, toByteOffset: 4, as: UInt32.self)
        return
      }
      at = (at + 1) & (table.count - 1)
    }
    let bytes = (Self.headerBytes + key.count + name.count + 3) & ~3
    guard used + bytes <= Self.bytesMax else { return addEverything() }
    if used + bytes > capacity { growRecords() }
    let record = records + used
    record.storeBytes(of: hash, as: UInt32.self)
    record.storeBytes(of: hint.rawValue, toByteOffset: 4, as: UInt32.self)
    record.storeBytes(of: type, toByteOffset: 8, as: Int32.self)
    record.storeBytes(of: UInt8(key.count), toByteOffset: 12, as: UInt8.self)
    record.storeBytes(of: UInt8(name.count), toByteOffset: 13, as: UInt8.self)
    if let base = key.baseAddress { memcpy(record + Self.headerBytes, base, key.count) }
    if let base = name.baseAddress {
      memcpy(record + Self.headerBytes + key.count, base, name.count)
    }
    table[at] = UInt32(used) + 1
    used += bytes
    count += 1
    if count * 2 > table.count { growTable() }
  }

  /// Lends every hint, in the order of arrival.
  package func forEach(_ body: (Record) -> Void) {
    var at = 0
    while at < used {
      let record = records + at
      let keyCount = Int(record.load(fromByteOffset: 12, as: UInt8.self))
      let nameCount = Int(record.load(fromByteOffset: 13, as: UInt8.self))
      let keyBytes = UnsafeRawBufferPointer(
        start: record + Self.headerBytes, count: keyCount)
      body(
        Record(
          hint: Hint(rawValue: record.load(fromByteOffset: 4, as: UInt32.self)),
          key: ObjectKey(
            type: record.load(fromByteOffset: 8, as: Int32.self), bytes: keyBytes),
          name: UnsafeRawBufferPointer(
            start: record + Self.headerBytes + keyCount, count: nameCount)))
      at += (Self.headerBytes + keyCount + nameCount + 3) & ~3
    }
  }

  private static func isEqual(
    _ record: UnsafeMutableRawPointer, _ hash: UInt32, _ type: Int32,
    _ key: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer
  ) -> Bool {
    record.load(as: UInt32.self) == hash
      && record.load(fromByteOffset: 8, as: Int32.self) == type
      && Int(record.load(fromByteOffset: 12, as: UInt8.self)) == key.count
      && Int(record.load(fromByteOffset: 13, as: UInt8.self)) == name.count
      && memcmp(record + headerBytes, key.baseAddress!, key.count) == 0
      && (name.isEmpty
        || memcmp(record + headerBytes + key.count, name.baseAddress!, name.count) == 0)
  }

  private static func hash(
    _ type: Int32, _ key: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer
  ) -> UInt32 {
    var hash = UInt64(UInt32(bitPattern: type)) &* 0x9E37_79B9_7F4A_7C15
    mix(key, &hash)
    mix(name, &hash)
    return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
  }

  static func mix(_ bytes: UnsafeRawBufferPointer, _ hash: inout UInt64) {
    var at = 0
    hash ^= UInt64(bytes.count)
    while at + 4 <= bytes.count {
      hash =
        (hash ^ UInt64(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
        &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash >> 32
      at += 4
    }
    while at < bytes.count {
      hash = (hash ^ UInt64(bytes[at])) &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash >> 32
      at += 1
    }
  }

  private func growRecords() {
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2, alignment: 8)
    memcpy(larger, records, used)
    records.deallocate()
    records = larger
    capacity *= 2
  }

  private func growTable() {
    table = Array(repeating: 0, count: table.count * 4)
    var at = 0
    while at < used {
      let record = records + at
      var place = Int(record.load(as: UInt32.self)) & (table.count - 1)
      while table[place] != 0 { place = (place + 1) & (table.count - 1) }
      table[place] = UInt32(at) + 1
      let key = Int(record.load(fromByteOffset: 12, as: UInt8.self))
      let name = Int(record.load(fromByteOffset: 13, as: UInt8.self))
      at += (Self.headerBytes + key + name + 3) & ~3
    }
  }
}
