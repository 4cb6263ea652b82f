import LinuxSystem

/// What is kept of an object beside its names, content and extended attributes.
public struct Attributes: Hashable, Sendable {
  /// Type and permission bits, as st_mode has them.
  public var mode: UInt32
  public var uid: UInt32
  public var gid: UInt32
  /// What a device node stands for, major above minor; 0 for all else.
  public var device: UInt64
  /// The content's size of a regular file, the target's length of a symbolic link; 0 for all else.
  public var sizeBytes: UInt64
  public var modified: Timestamp

  @inlinable public var kind: FileKind { FileKind(mode: mode) }

  @inlinable
  public init(
    mode: UInt32, uid: UInt32, gid: UInt32, device: UInt64 = 0, sizeBytes: UInt64 = 0,
    modified: Timestamp
  ) {
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.device = device
    self.sizeBytes = sizeBytes
    self.modified = modified
  }

  /// The attributes in a status; sizes that mean nothing to a copy (directories') are left out.
  @inlinable
  public init(_ status: FileStatus) {
    mode = status.mode
    uid = status.uid
    gid = status.gid
    device = status.specialDevice
    let kind = status.kind
    sizeBytes = kind == .regular || kind == .symbolicLink ? status.sizeBytes : 0
    modified = status.modified
  }
}

/// Which state of a file's content is meant: a copy is exact if the file has this stamp before and
/// after it was read.
public struct ContentStamp: Hashable, Sendable {
  public var sizeBytes: UInt64
  public var modified: Timestamp
  /// The ctime, which nobody can set back.
  public var changed: Timestamp

  public init(sizeBytes: UInt64, modified: Timestamp, changed: Timestamp) {
    self.sizeBytes = sizeBytes
    self.modified = modified
    self.changed = changed
  }

  public init(_ status: FileStatus) {
    self.init(
      sizeBytes: status.sizeBytes, modified: status.modified, changed: status.changed)
  }
}
