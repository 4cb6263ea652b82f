import CLinux
import Glibc
import SystemPackage

extension Descriptor {
  /// The root of the top-level subvolume of the btrfs filesystem that an open directory is on, wherever
  /// and however that is mounted. Nothing can be written through it, and nobody else sees its mount.
  ///
  /// - Throws: `EPERM` without CAP_SYS_ADMIN; `ENODEV` or `ENOENT` where none of its devices is at hand.
  ///   See fsopen(2).
  public static func openBtrfsTopLevel(of directory: Int32) throws(Errno) -> Descriptor {
    var device = [CChar](repeating: 0, count: 1_024)
    try retrying { device.withUnsafeMutableBufferPointer { cl_btrfs_device(directory, $0.baseAddress) } }
    let mount = Descriptor(
      owning: try retrying { device.withUnsafeBufferPointer { cl_mount_btrfs_top($0.baseAddress) } })
    return try open(".", in: mount.raw, .list)
  }
}
