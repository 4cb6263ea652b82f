import Glibc
import LinuxSystem
import SystemPackage

/// The source directory, held so that nothing mounted on or in it can come between.
///
/// All looking goes through a private, unmounted copy of the source's mount. It shows the
/// filesystem itself: what is mounted inside the source is not in it, at any time and by any path.
final class SourceAnchor: Sendable {
  /// The source's root, open for reading, in the private copy of its mount.
  let root: Descriptor
  let key: ObjectKey
  let status: FileStatus
  /// The filesystem's UUID, or what statfs(2) gives as its id where it has none.
  let filesystem: [UInt8]
  /// The mount that the path led through.
  let mount: UInt64

  /// - Parameter path: the source as a person gave it; a link to a directory is followed.
  /// - Throws: `ENOTDIR`, `ENOENT` and the like; `EPERM` without CAP_SYS_ADMIN; `EOPNOTSUPP` where
  ///   the filesystem gives no handles.
  init(path: [UInt8]) throws(Errno) {
    let directory = try withCString(path) { path throws(Errno) in
      try Descriptor.open(path, in: AT_FDCWD, OpenFlags(rawValue: O_RDONLY | O_DIRECTORY | O_NONBLOCK))
    }
    let mount = try mountIdentity(directory.raw)
    let tree = try Descriptor.cloneTree(of: directory.raw)
    let key = try ObjectKey.of(tree.raw)
    let status = try FileStatus.of(tree.raw)
    let filesystem = try filesystemIdentity(tree.raw)
    root = tree
    self.key = key
    self.status = status
    self.filesystem = filesystem
    self.mount = mount
  }

  /// Whether the directory still exists somewhere on its filesystem.
  var isAlive: Bool { ((try? FileStatus.of(root.raw))?.linkCount ?? 0) > 0 }

  /// The directory at a path, if it is this very one.
  ///
  /// - Parameter throughMount: also only through the mount that the path led through at first: the mark
  ///   of a mount that was unmounted is gone without a word.
  /// - Throws: `ESTALE` when it is another one.
  func open(path: [UInt8], throughMount: Bool) throws(Errno) -> Descriptor {
    let directory = try withCString(path) { path throws(Errno) in
      try Descriptor.open(
        path, in: AT_FDCWD, OpenFlags(rawValue: O_RDONLY | O_DIRECTORY | O_NONBLOCK))
    }
    guard try ObjectKey.of(directory.raw) == key,
      try FileStatus.of(directory.raw).device == status.device
    else { throw .staleNFSFileHandle }
    if throughMount {
      guard try mountIdentity(directory.raw) == mount else { throw .staleNFSFileHandle }
    }
    return directory
  }
}
