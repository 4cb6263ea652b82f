import CLinux
import Glibc
import SystemPackage

/// How an object that others may change under us is opened.
public struct OpenFlags: OptionSet, Sendable {
  public let rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }

  /// For reading content without blocking on a FIFO or a lease, without following a link, and
  /// without touching the access time where that is allowed.
  public static let content = OpenFlags(
    rawValue: O_RDONLY | O_NONBLOCK | CL_O_NOFOLLOW | CL_O_NOATIME | O_NOCTTY)
  /// For listing a directory, without touching the access time where that is allowed.
  public static let list = OpenFlags(
    rawValue: O_RDONLY | CL_O_DIRECTORY | CL_O_NOFOLLOW | CL_O_NOATIME | O_NONBLOCK | O_NOCTTY)
  /// For looking only. The corresponding C constant is O_PATH.
  public static let look = OpenFlags(rawValue: CL_O_PATH | CL_O_NOFOLLOW)
  /// For names in a directory only.
  public static let walk = OpenFlags(rawValue: CL_O_PATH | CL_O_NOFOLLOW | CL_O_DIRECTORY)
  /// A directory by the path that a person gave: links in it are followed as in any program.
  public static let given = OpenFlags(rawValue: CL_O_PATH | CL_O_DIRECTORY)
  /// A new file for writing, that no one else has made.
  public static let make = OpenFlags(
    rawValue: O_RDWR | O_CREAT | O_EXCL | CL_O_NOFOLLOW | O_NOCTTY)
  /// A new file without a name, in a directory; it is gone with its descriptor.
  public static let makeNameless = OpenFlags(rawValue: O_RDWR | CL_O_TMPFILE)
  /// Reading does not touch the access time, where that is allowed.
  public static let keepingAccessTime = OpenFlags(rawValue: CL_O_NOATIME)
  /// A file for writing that is there.
  public static let update = OpenFlags(rawValue: O_RDWR | O_NONBLOCK | CL_O_NOFOLLOW | O_NOCTTY)
}

extension Descriptor {
  /// Opens one name in a directory. See openat(2).
  public static func open(
    _ name: UnsafePointer<CChar>, in directory: Int32, _ flags: OpenFlags, mode: UInt32 = 0
  ) throws(Errno) -> Descriptor {
    Descriptor(owning: try retrying { cl_open(directory, name, flags.rawValue, mode) })
  }

  /// Opens a path that a person gave; links in it are followed as in any program.
  public static func open(path: String, _ flags: Int32) throws(Errno) -> Descriptor {
    Descriptor(owning: try retrying { cl_open(AT_FDCWD, path, flags, 0) })
  }

  /// Opens a relative path of less than PATH_MAX bytes beneath a directory: through no symbolic
  /// link, over no mount point, never upwards.
  ///
  /// - Throws: `ELOOP` at a link, `EXDEV` at a mount point or at `..`. See openat2(2).
  public static func open(
    beneath directory: Int32, path: UnsafePointer<CChar>, _ flags: OpenFlags, mode: UInt32 = 0
  ) throws(Errno) -> Descriptor {
    let resolve = UInt64(CL_RESOLVE_BENEATH | CL_RESOLVE_NO_SYMLINKS | CL_RESOLVE_NO_XDEV)
    return Descriptor(
      owning: try retrying {
        cl_open2(directory, path, flags.rawValue, mode, resolve)
      })
  }

  /// A private, unmounted copy of the mount that holds a directory: it shows the filesystem as it
  /// is, without what is mounted inside, and reading through it moves no access time. See open_tree(2)
  /// and mount_setattr(2).
  ///
  /// - Throws: `EPERM` without CAP_SYS_ADMIN.
  public static func cloneTree(of directory: Int32) throws(Errno) -> Descriptor {
    let tree = Descriptor(owning: try retrying { cl_clone_tree(directory, "") })
    // Where this is not allowed, the flags of each opening keep all times but those of links.
    _ = cl_keep_access_times(tree.raw)
    return try open(".", in: tree.raw, .list)
  }
}
