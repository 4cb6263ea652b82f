/// What a handle of btrfs tells: object 8 bytes, subvolume 8, generation 4.
extension ObjectKey {
  /// The subvolume that every btrfs filesystem has, in which or beneath which all others are.
  public static let btrfsTopLevel: UInt64 = 5
  /// What btrfs gives as the inode number where a snapshot has no copy of a subvolume that was nested.
  private static let btrfsPlaceholder: UInt64 = 2

  /// The number of the btrfs subvolume that the object is in; nil on other filesystems.
  @inlinable
  public var btrfsSubvolume: UInt64? {
    isOfBtrfs ? word1 : nil
  }

  @inlinable
  var isOfBtrfs: Bool { type == 0x4d && byteCount == 20 }

  /// Whether it is the empty directory that a btrfs snapshot shows in place of a subvolume that was
  /// nested in its original.
  ///
  /// Such a directory cannot be opened by its handle, which all others of its snapshot have as well; its
  /// times are those of the moment at which it was looked up.
  @inline(__always)
  public var isBtrfsPlaceholder: Bool {
    isOfBtrfs && word0 == Self.btrfsPlaceholder
  }
}
