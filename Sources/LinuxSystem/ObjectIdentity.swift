import CLinux
import SystemPackage

/// What tells the objects of a filesystem apart.
public enum ObjectIdentity: Hashable, Sendable {
  /// The file handle, where it lasts as long as the object and can be opened by those who may.
  case handle
  /// Inode number and birth time, where handles end with the kernel's memory of an object, or there are
  /// none; the device as well, for what is not on this one.
  case inode(device: UInt64)
  /// Inode number and the handle that events have, on an overlayfs whose handles cannot be opened. The
  /// birth time is another after a file was copied to the upper layer; but such a handle alone is also
  /// that of each file of which a lower one with several names was made.
  case inodeAndHandle(device: UInt64)

  /// The f_type of FUSE. Its handles hold the number of an entry in the kernel's memory, which another
  /// gets when that is let go.
  private static let fuseMagic = 0x6573_5546
  /// The f_type of overlayfs.
  private static let overlayMagic = 0x794c_7630

  /// That of the objects on the filesystem of an open object.
  public init(of object: Int32) throws(Errno) {
    var status = statfs()
    try retrying { cl_statfs(object, &status) }
    var hasHandles = Int(status.f_type) != Self.fuseMagic
    if hasHandles {
      do throws(Errno) { _ = try ObjectKey.of(object) } catch .notSupported { hasHandles = false }
    }
    if hasHandles {
      self = .handle
    } else {
      let device = try FileStatus.of(object).device
      self =
        Int(status.f_type) == Self.overlayMagic && (try? ObjectKey.reported(object)) != nil
        ? .inodeAndHandle(device: device) : .inode(device: device)
    }
  }

  /// The status of an open object, as it is to others as well.
  public func status(of object: Int32) throws(Errno) -> FileStatus {
    if case .inode = self { return try FileStatus.ofFresh(object) }
    return try FileStatus.of(object)
  }

  /// The key of an open object.
  public func key(of object: Int32) throws(Errno) -> ObjectKey {
    if self == .handle { return try ObjectKey.of(object) }
    return try key(of: object, try FileStatus.of(object))
  }

  /// The key of an open object whose status is known.
  public func key(of object: Int32, _ status: FileStatus) throws(Errno) -> ObjectKey {
    switch self {
    case .handle: return try ObjectKey.of(object)
    case .inode(let device):
      let isUnborn = status.born == .zero
      return ObjectKey(
        status, beside: device, stamp: UInt64(bitPattern: status.born.nanosecondsSince1970),
        target: isUnborn && status.kind == .symbolicLink
          ? try Names.target(of: "", in: object) : [])
    case .inodeAndHandle(let device):
      return ObjectKey(status, beside: device, stamp: try ObjectKey.reported(object).mixed)
    }
  }
}
