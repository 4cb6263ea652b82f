import CLinux
import Glibc
import SystemPackage

extension OpenFlags {
  /// A directory that a person named: for names in it only; a link is followed.
  public static let place = OpenFlags(rawValue: CL_O_PATH | CL_O_DIRECTORY)
  /// A directory that a person named, for listing; a link is followed.
  public static let listPlace = OpenFlags(
    rawValue: O_RDONLY | CL_O_DIRECTORY | CL_O_NOATIME | O_NONBLOCK | O_NOCTTY)
  /// A file of our own, for reading and writing; made if it is not there.
  public static let own = OpenFlags(
    rawValue: O_RDWR | O_CREAT | CL_O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
}

extension Descriptor {
  /// Opens a path that a person gave as bytes; links in it are followed as in any program.
  public static func open(given path: [UInt8], _ flags: OpenFlags) throws(Errno) -> Descriptor {
    try withCString(path) { path throws(Errno) in
      Descriptor(owning: try retrying { cl_open(AT_FDCWD, path, flags.rawValue, 0) })
    }
  }

  /// Opens the directory that an open directory lies in; the root lies in itself.
  public static func open(above directory: Int32) throws(Errno) -> Descriptor {
    Descriptor(
      owning: try retrying { cl_open(directory, "..", CL_O_PATH | CL_O_DIRECTORY, 0) })
  }
}
