import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Where handles cannot be opened, objects are opened under the names that the mirror knows of them, if
/// they are there: `ESTALE` says that they are not, and elsewhere or gone.
extension LiveSource {
  func openByPath(_ key: ObjectKey, _ flags: OpenFlags) throws(Errno) -> Descriptor {
    guard let node = mirror.node(key) else { throw .staleNFSFileHandle }
    if mirror.isDirectory(node) {
      return try Descriptor.open(".", in: try openDirectory(key), flags)
    }
    var failure = Errno.staleNFSFileHandle
    for place in mirror.links(of: node) {
      do throws(Errno) {
        let directory = try openDirectory(mirror.key(mirror.parent(of: place)))
        let found = try withCString(mirror.name(of: place).bytes) { name throws(Errno) in
          try Descriptor.open(beneath: directory, path: name, flags)
        }
        let status = try FileStatus.of(found.raw)
        // Another may have its number by now, and so its key.
        if try anchor.identity.key(of: found.raw, status) == key,
          !mirror.isOther(Observation(status).attributes, than: node)
        {
          return found
        }
      } catch {
        if !Self.isElsewhere(error) { failure = error }
      }
    }
    throw failure
  }

  /// A directory, open until others push it out.
  func openDirectory(_ key: ObjectKey) throws(Errno) -> Int32 {
    if key == anchor.key { return anchor.root.raw }
    if let open = findOpen(key) { return open }
    let (start, names) = try way(to: key)
    do throws(Errno) {
      let found = try AnchoredPath.openDirectory(beneath: start, names, .list)
      guard try anchor.identity.key(of: found.raw) == key else { throw .staleNFSFileHandle }
      return directories.keep(found, of: key)
    } catch {
      throw Self.isElsewhere(error) ? .staleNFSFileHandle : error
    }
  }

  /// The next directory above one that is open, and the names from there. It is the right one, wherever
  /// it was moved: a look at a name in it and a way through it tell the same.
  private func way(to directory: ObjectKey) throws(Errno) -> (start: Int32, names: [[UInt8]]) {
    guard var at = mirror.node(directory) else { throw .staleNFSFileHandle }
    var names: [[UInt8]] = []
    while at != mirror.root {
      let key = mirror.key(at)
      if !names.isEmpty, let open = findOpen(key) { return (open, names.reversed()) }
      guard let place = mirror.links(of: at).first else { throw .staleNFSFileHandle }
      names.append(mirror.name(of: place).bytes)
      at = mirror.parent(of: place)
    }
    return (anchor.root.raw, names.reversed())
  }

  /// A directory that is open. Another may have the inode number, and so the key, of one that was removed.
  private func findOpen(_ key: ObjectKey) -> Int32? {
    guard let open = directories.find(key), key.isReusable else { return directories.find(key) }
    if let status = try? FileStatus.of(open), status.linkCount > 0,
      (try? anchor.identity.key(of: open, status)) == key
    {
      return open
    }
    directories.remove(key)
    return nil
  }

  /// Whether an error says that something else, or nothing, is at a path; `ENXIO` a socket or a FIFO.
  private static func isElsewhere(_ error: Errno) -> Bool {
    switch error {
    case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .staleNFSFileHandle,
      .noSuchAddressOrDevice:
      true
    default: false
    }
  }
}
