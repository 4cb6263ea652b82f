import Glibc
import SystemPackage

/// Walks beneath a directory, whatever the length of the path.
package enum AnchoredPath {
  /// A walk takes the path in pieces of at most this many bytes; PATH_MAX is 4,096 with its NUL.
  private static let pieceBytesMax = 3_900

  /// Opens the directory at the end of `names`, beneath `anchor`: through no symbolic link, over no
  /// mount point, never upwards.
  package static func openDirectory(
    beneath anchor: Int32, _ names: [[UInt8]], _ flags: OpenFlags = .walk
  ) throws(Errno) -> Descriptor {
    var path: [UInt8] = []
    var at: Int32 = anchor
    var index = 0
    if names.isEmpty { return try Descriptor.open(".", in: anchor, flags) }
    while true {
      path.removeAll(keepingCapacity: true)
      while index < names.count, path.count + names[index].count < pieceBytesMax {
        if !path.isEmpty { path.append(UInt8(ascii: "/")) }
        path.append(contentsOf: names[index])
        index += 1
      }
      let isLast = index == names.count
      let opened: Descriptor
      do throws(Errno) {
        opened = try withCString(path) { path throws(Errno) in
          try Descriptor.open(beneath: at, path: path, isLast ? flags : .walk)
        }
      } catch {
        if at != anchor { close(at) }
        throw error
      }
      if at != anchor { close(at) }
      if isLast { return opened }
      at = opened.release()
    }
  }
}

/// The names of a path, joined by slashes.
package func joined(_ names: [[UInt8]]) -> [UInt8] { Array(names.joined(separator: [UInt8(ascii: "/")])) }
