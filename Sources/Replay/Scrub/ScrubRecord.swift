import Journal
import LinuxSystem

/// What a scrub has found of one object at a destination.
struct ScrubRecord: Hashable {
  var inode: UInt64
  /// Its birth time, because inode numbers are used again.
  var born: UInt64
  /// All that moves when anybody touches the object: size, times, mode, owner.
  var stamp: UInt64
  /// Of its content, or of a link's target; 0 where there is none.
  var hash: UInt64

  init(inode: UInt64, born: UInt64, stamp: UInt64, hash: UInt64) {
    self.inode = inode
    self.born = born
    self.stamp = stamp
    self.hash = hash
  }

  init(_ status: FileStatus, hash: UInt64) {
    self.init(
      inode: status.inode, born: Self.value(of: status.born), stamp: Self.stamp(of: status), hash: hash)
  }

  /// Whether it is of this object, in whatever state.
  func isOf(_ status: FileStatus) -> Bool {
    inode == status.inode && born == Self.value(of: status.born)
  }

  /// Whether nobody has touched the object since.
  func isUntouched(_ status: FileStatus) -> Bool { isOf(status) && stamp == Self.stamp(of: status) }

  static func value(of time: Timestamp) -> UInt64 {
    UInt64(bitPattern: time.seconds) << 30 | UInt64(time.nanoseconds)
  }

  private static func stamp(of status: FileStatus) -> UInt64 {
    let words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
      status.sizeBytes, value(of: status.modified), value(of: status.changed), UInt64(status.mode),
      UInt64(status.uid) << 32 | UInt64(status.gid)
    )
    return withUnsafeBytes(of: words) { XXH64.hash($0) }
  }
}
