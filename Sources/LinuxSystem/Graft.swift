import CLinux
import SystemPackage

/// A directory tree that is mounted inside a source and followed as a part of it.
///
/// Its root stands at the name that it is mounted on; the directory beneath that, which it covers, is not
/// seen. It is held, as a source is, through a private copy of its mount, in which nothing else is mounted.
public final class Graft: Sendable {
  /// What tells its objects from those of others: made from its filesystem's lasting identity and its
  /// root's handle, so that it is the same after a remount, and another for each tree of one filesystem.
  public let number: UInt32
  public let entry: MountEntry
  /// Where it is mounted: the names from the source's root.
  public let names: [[UInt8]]
  /// Its root, open for reading.
  public let root: Descriptor
  /// The key of its root, in the graft.
  public let key: ObjectKey
  /// The keys of the directory that it covers, and of the one that is in.
  public let covered: ObjectKey
  public let parent: ObjectKey
  /// The filesystem that it is on.
  public let place: FilesystemPlace
  /// Names the mount; no later one has the number.
  let mount: UInt64

  init(
    number: UInt32, entry: MountEntry, names: [[UInt8]], root: consuming Descriptor, handle: ObjectKey,
    covered: ObjectKey, parent: ObjectKey, place: FilesystemPlace, mount: UInt64
  ) {
    self.number = number
    self.entry = entry
    self.names = names
    self.root = root
    key = handle.inGraft(number)
    self.covered = covered
    self.parent = parent
    self.place = place
    self.mount = mount
  }

  /// The number of a tree: 23 bits of a checksum (FNV-1a). Of two mounts that would share one, the second
  /// is left out.
  static func number(filesystem: [UInt8], root: ObjectKey) -> UInt32 {
    var checksum: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ byte: UInt8) { checksum = (checksum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    filesystem.forEach(add)
    add(UInt8(truncatingIfNeeded: root.type))
    root.withBytes { $0.forEach(add) }
    let folded = UInt32(truncatingIfNeeded: checksum ^ checksum >> 23 ^ checksum >> 46)
    return max(1, folded & ObjectKey.graftMax)
  }
}
