import LinuxSystem
import SystemPackage

extension Errno {
  /// Whether it says that there is no room.
  package var saysFull: Bool { self == .noSpace || self == .diskQuotaExceeded }
}

/// A file that does not fit into the destination costs that file, and not the rest: what is removed and renamed
/// goes on, which may be what makes room for it.
extension Replayer {
  /// What must be left for the destination's log and the names of the rest, once a file did not fit.
  private static var reserveBytes: UInt64 { 4 << 20 }
  private static var reserveInodes: UInt64 { 64 }

  /// Whether a file of the source would fit if all versions went: for one that would not, none of them goes.
  func canMakeRoom(for source: Int32, in directory: Int32) -> Bool {
    guard let kept = destination?.versions?.bytes, kept > 0 else { return false }
    guard let wanted = try? FileStatus.of(source), let room = try? FilesystemRoom.of(directory) else {
      return true
    }
    return wanted.blocks * 512 <= room.bytes + kept
  }

  /// Whether other files may still be tried.
  func hasReserve(in directory: Int32) -> Bool {
    guard let room = try? FilesystemRoom.of(directory) else { return false }
    return room.bytes >= min(Self.reserveBytes, room.bytesTotal / 64)
      && room.inodes >= Self.reserveInodes
  }

  /// Lets the oldest versions go, because there is no room for what is to be there now.
  func makeRoom() -> Bool { (try? destination?.versions?.dropOldest()) ?? false }
}
