import Glibc
import LinuxSystem
import SystemPackage

/// What is mounted inside a source, looked at when some content is there.
func mountedInside(_ path: [UInt8]) -> @Sendable () -> GraftTable {
  let found = Guarded<GraftTable?>(nil)
  return {
    found.with { known in
      if let known { return known }
      let source = JournalPlace.absolute(path)
      let table: GraftTable? = try? withCString(source) { path throws(Errno) in
        let root = try Descriptor.open(path, in: AT_FDCWD, .given)
        // Without CAP_SYS_ADMIN what is mounted inside cannot be held, and is not found.
        let tree = try Descriptor.cloneTree(of: root.raw)
        return try GraftTable(source: source, root: tree.raw)
      }
      known = table ?? .empty
      return known!
    }
  }
}
