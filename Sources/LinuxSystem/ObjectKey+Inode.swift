/// Keys of objects that are told apart without handles.
///
///     offset  bytes
///          0      8  inode number
///          8      8  birth time, in nanoseconds since 1970; 0 where none is kept. On an overlayfs a
///                    checksum of the handle that events have
///         16      4  device number, 12 bits above 20, if it is not the source's; otherwise 0
///         20      8  for a symbolic link without birth time, a checksum (FNV-1a) of its target
extension ObjectKey {
  /// The type of such keys; those of handles are 0 and above.
  public static let inodeType: Int32 = -1

  /// The key that a status makes.
  ///
  /// - Parameters:
  ///   - device: that of the source's root: its number may be another after a restart.
  ///   - stamp: what tells objects apart that have the number one after the other.
  ///   - target: of a symbolic link without stamp. That another link came to its number could not be seen
  ///     otherwise: a target is read once.
  init(_ status: FileStatus, beside device: UInt64, stamp: UInt64, target: [UInt8] = []) {
    let number = status.device == device ? 0 : (status.device >> 32) << 20 | status.device & 0xf_ffff
    var bytes: InlineArray<28, UInt8> = .init(repeating: 0)
    var span = bytes.mutableSpan
    self = span.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: status.inode.littleEndian, as: UInt64.self)
      bytes.storeBytes(of: stamp.littleEndian, toByteOffset: 8, as: UInt64.self)
      bytes.storeBytes(
        of: UInt32(truncatingIfNeeded: number).littleEndian, toByteOffset: 16, as: UInt32.self)
      var checksum: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in target { checksum = (checksum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 20, as: UInt64.self)
      return ObjectKey(
        type: Self.inodeType,
        bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(target.isEmpty ? 20 : 28)))
    }
  }

  /// What tells objects apart that have one inode number after the other; nil for a handle.
  public var stamp: UInt64? { type == Self.inodeType ? word1 : nil }

  /// Whether another object that gets the inode number of this one has the same key.
  public var isReusable: Bool { type == Self.inodeType && word1 == 0 }
}
