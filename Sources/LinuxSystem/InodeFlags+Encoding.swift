/// Flags travel among the encoded extended attributes of their object, as one with a name that no object can
/// have: in the namespace `system` kernels take only names that they know, and give ENOTSUP for this one (seen
/// on ext4, xfs, btrfs and tmpfs). Where a filesystem lists it all the same, as one on FUSE may, it is left out.
/// The value is the flags in 4 bytes, little-endian; an object without flags has no such attribute.
///
/// A program from before this was so takes it for an extended attribute, and says that it cannot be set.
extension InodeFlags {
  /// The name that stands for flags.
  public static let attributeName: StaticString = "system.treeline.flags"

  static func isName(_ name: UnsafeRawBufferPointer) -> Bool {
    attributeName.withUTF8Buffer { $0.elementsEqual(name) }
  }

  /// Adds the flags to extended attributes that have none, at their place in the order.
  func add(to encoded: inout [UInt8]) {
    if isEmpty { return }
    var entry: [UInt8] = []
    Self.attributeName.withUTF8Buffer { name in
      entry.append(UInt8(name.count))
      entry.append(contentsOf: name)
    }
    entry += [4, 0, 0, 0]
    withUnsafeBytes(of: rawValue.littleEndian) { entry.append(contentsOf: $0) }
    let at = encoded.withUnsafeBytes { Self.place(in: $0).start }
    encoded.insert(contentsOf: entry, at: at)
  }

  /// Takes the flags out of encoded extended attributes, which may be malformed; unknown ones count for nothing.
  public static func take(from encoded: inout [UInt8]) -> InodeFlags {
    let place = encoded.withUnsafeBytes { Self.place(in: $0) }
    guard place.start < place.end else { return [] }
    let value = encoded[(place.start + 1 + attributeName.utf8CodeUnitCount + 4)..<place.end]
    let flags = value.count == 4 ? value.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) } : 0
    encoded.removeSubrange(place.start..<place.end)
    return InodeFlags(rawValue: flags).intersection(.all)
  }

  /// Where the flags are among encoded extended attributes; an empty place where they would be.
  private static func place(in encoded: UnsafeRawBufferPointer) -> (start: Int, end: Int) {
    var at = 0
    while at < encoded.count {
      let nameEnd = at + 1 + Int(encoded[at])
      guard nameEnd + 4 <= encoded.count else { break }
      let count = Int(UInt32(littleEndian: encoded.loadUnaligned(fromByteOffset: nameEnd, as: UInt32.self)))
      let end = nameEnd + 4 + count
      guard end <= encoded.count else { break }
      let name = UnsafeRawBufferPointer(rebasing: encoded[(at + 1)..<nameEnd])
      if isName(name) { return (at, end) }
      if attributeName.withUTF8Buffer({ $0.lexicographicallyPrecedes(name) }) { return (at, at) }
      at = end
    }
    return (at, at)
  }
}
