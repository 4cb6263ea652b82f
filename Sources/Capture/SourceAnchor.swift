import Glibc
import LinuxSystem
import SystemPackage

/// The source directory, held so that nothing mounted on or in it can come between.
///
/// All looking goes through a private, unmounted copy of the source's mount. It shows the
/// filesystem itself: what is mounted inside the source is not in it, at any time and by any path. Who
/// may not make such a copy looks through the mount itself.
final class SourceAnchor: Sendable {
  /// The source's root, open for reading, in the private copy of its mount.
  let root: Descriptor
  /// What tells the source's objects apart.
  let identity: ObjectIdentity
  let key: ObjectKey
  /// Objects can be opened by their keys; otherwise only under their names.
  let opensHandles: Bool
  /// The root is in the mount that others see, where things may be mounted inside the source: those are
  /// not entered, and what they cover is not known. The filesystem cannot be unmounted meanwhile.
  let isLive: Bool
  let status: FileStatus
  /// The filesystem's UUID, or what statfs(2) gives as its id where it has none.
  let filesystem: [UInt8]
  /// The mount that the path led through.
  let mount: UInt64

  /// - Parameters:
  ///   - path: the source as a person gave it; a link to a directory is followed.
  ///   - isModest: does with less where privileges, or lasting handles, are missing.
  /// - Throws: `ENOTDIR`, `ENOENT` and the like; `EPERM` without CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH;
  ///   `EOPNOTSUPP` where the filesystem gives no handles that can be opened.
  init(path: [UInt8], isModest: Bool = false) throws(Errno) {
    let directory = try withCString(path) { path throws(Errno) in
      try Descriptor.open(path, in: AT_FDCWD, .listPlace)
    }
    let mount = try mountIdentity(directory.raw)
    let tree: Descriptor
    var isLive = false
    do throws(Errno) {
      tree = try Descriptor.cloneTree(of: directory.raw)
    } catch {
      guard isModest, error == .notPermitted else { throw error }
      tree = try Descriptor.open(".", in: directory.raw, .list)
      isLive = true
    }
    let identity = try ObjectIdentity(of: tree.raw)
    let status = try FileStatus.of(tree.raw)
    let key = try identity.key(of: tree.raw, status)
    let filesystem = try filesystemIdentity(tree.raw)
    var opensHandles = false
    do throws(Errno) {
      guard identity == .handle else { throw .notSupported }
      _ = try key.open(mount: tree.raw, flags: OpenFlags.list.rawValue)
      opensHandles = true
    } catch {
      guard isModest, error == .notPermitted || error == .notSupported || error == .staleNFSFileHandle
      else { throw error }
    }
    root = tree
    self.identity = identity
    self.opensHandles = opensHandles
    self.isLive = isLive
    self.key = key
    self.status = status
    self.filesystem = filesystem
    self.mount = mount
  }

  /// Whether the directory still exists somewhere on its filesystem.
  var isAlive: Bool { ((try? FileStatus.of(root.raw))?.linkCount ?? 0) > 0 }

  /// - Throws: `EXDEV` for what is mounted inside the source.
  @inline(__always)
  func check(_ status: FileStatus) throws(Errno) {
    if isLive, status.mountID != self.status.mountID { throw .improperLink }
  }

  /// The directory at a path, if it is this very one.
  ///
  /// - Parameter throughMount: also only through the mount that the path led through at first: the mark
  ///   of a mount that was unmounted is gone without a word.
  /// - Throws: `ESTALE` when it is another one.
  func open(path: [UInt8], throughMount: Bool) throws(Errno) -> Descriptor {
    let directory = try withCString(path) { path throws(Errno) in
      try Descriptor.open(
        path, in: AT_FDCWD, .listPlace)
    }
    guard try identity.key(of: directory.raw) == key,
      try FileStatus.of(directory.raw).device == status.device
    else { throw .staleNFSFileHandle }
    if throughMount {
      guard try mountIdentity(directory.raw) == mount else { throw .staleNFSFileHandle }
    }
    return directory
  }
}
