import CLinux
import SystemPackage

/// What statx(2) tells of one object.
public struct FileStatus: Sendable {
  @usableFromInline let value: statx

  @inlinable init(_ value: statx) { self.value = value }

  /// The status of the object called `name` in a directory, never of what a link points to.
  @inlinable
  public static func of(
    _ name: UnsafePointer<CChar>, in directory: Int32
  ) throws(Errno) -> FileStatus {
    var status = statx()
    try retrying { cl_statx(directory, name, 0, &status) }
    return FileStatus(status)
  }

  /// The status of an open object.
  @inlinable
  public static func of(_ descriptor: Int32) throws(Errno) -> FileStatus {
    var status = statx()
    try retrying { cl_statx(descriptor, "", CL_AT_EMPTY_PATH, &status) }
    return FileStatus(status)
  }

  /// Kind and flags of an open object, and nothing else: a look at its times would have its next change take
  /// one that no other has.
  public static func ofFlags(_ descriptor: Int32) throws(Errno) -> FileStatus {
    var status = statx()
    try retrying { cl_statx_flags(descriptor, &status) }
    return FileStatus(status)
  }

  /// The status of an open object, asked for anew where the filesystem answers from memory: on FUSE that
  /// may be out of date for the other names of an object.
  public static func ofFresh(_ descriptor: Int32) throws(Errno) -> FileStatus {
    var status = statx()
    try retrying { cl_statx(descriptor, "", CL_AT_EMPTY_PATH | CL_AT_STATX_FORCE_SYNC, &status) }
    return FileStatus(status)
  }

  /// Type and permission bits, as st_mode has them.
  @inlinable public var mode: UInt32 { UInt32(value.stx_mode) }
  @inlinable public var kind: FileKind { FileKind(mode: mode) }
  @inlinable public var uid: UInt32 { value.stx_uid }
  @inlinable public var gid: UInt32 { value.stx_gid }
  @inlinable public var sizeBytes: UInt64 { value.stx_size }
  /// Space taken, in units of 512 bytes.
  @inlinable public var blocks: UInt64 { value.stx_blocks }
  @inlinable public var linkCount: UInt32 { value.stx_nlink }
  @inlinable public var inode: UInt64 { value.stx_ino }
  @inlinable public var mountID: UInt64 { value.stx_mnt_id }
  /// The filesystem's device number, major above minor.
  @inlinable public var device: UInt64 {
    UInt64(value.stx_dev_major) << 32 | UInt64(value.stx_dev_minor)
  }
  /// What a device node stands for, major above minor; 0 for all else.
  @inlinable public var specialDevice: UInt64 {
    UInt64(value.stx_rdev_major) << 32 | UInt64(value.stx_rdev_minor)
  }
  @inlinable public var modified: Timestamp {
    Timestamp(seconds: value.stx_mtime.tv_sec, nanoseconds: value.stx_mtime.tv_nsec)
  }
  @inlinable public var changed: Timestamp {
    Timestamp(seconds: value.stx_ctime.tv_sec, nanoseconds: value.stx_ctime.tv_nsec)
  }
  /// The birth time; zero where the filesystem keeps none.
  @inlinable public var born: Timestamp {
    Timestamp(seconds: value.stx_btime.tv_sec, nanoseconds: value.stx_btime.tv_nsec)
  }
}

/// The type of a filesystem object.
public enum FileKind: UInt8, Sendable, CaseIterable {
  case unknown = 0
  case fifo = 1
  case characterDevice = 2
  case directory = 4
  case blockDevice = 6
  case regular = 8
  case symbolicLink = 10
  case socket = 12

  /// The kind in the type bits of a mode: S_IFMT of inode(7).
  @inlinable
  public init(mode: UInt32) { self = FileKind(rawValue: UInt8((mode >> 12) & 15)) ?? .unknown }

  /// The type bits of a mode.
  @inlinable
  public var modeBits: UInt32 { UInt32(rawValue) << 12 }
}
