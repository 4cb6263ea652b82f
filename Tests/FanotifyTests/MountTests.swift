import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// A group that is told of mounts.
struct MountTests {
  @Test func mountsThatComeAndGoAreTold() throws {
    if let reason = Filesystem.reasonToSkip(.tmpfs) {
      return announceSkip(#function, because: reason)
    }
    guard try Self.isKnown() else {
      return announceSkip(#function, because: "Linux is older than 6.14")
    }
    let group = try NotificationGroup(.mounts)
    let namespace = try Descriptor.open(path: "/proc/self/ns/mnt", O_RDONLY)
    try group.watch(
      .mountNamespace, for: [.mountAttached, .mountDetached], at: namespace.raw)
    let filesystem = try Filesystem(.tmpfs, bytes: 1 << 20)
    let attached = try mounts(group, .mountAttached)
    filesystem.unmount()
    let detached = try mounts(group, .mountDetached)
    // Other tests mount as well; the same one came and went.
    #expect(!attached.isDisjoint(with: detached))
  }

  /// Whether this kernel tells of mounts.
  private static func isKnown() throws -> Bool {
    do throws(FanotifyError) {
      _ = try NotificationGroup(.mounts)
      return true
    } catch {
      guard error.errno == .invalidArgument else { throw error }
      return false
    }
  }

  private func mounts(
    _ group: borrowing NotificationGroup, _ mask: EventMask
  ) throws -> Set<UInt64> {
    var buffer = EventBuffer()
    var mounts: Set<UInt64> = []
    while try group.read(into: &buffer) > 0 {
      var cursor = buffer.events
      while let event = try cursor.next() {
        if !event.mask.isDisjoint(with: mask), let mount = event.mountID { mounts.insert(mount) }
      }
    }
    return mounts
  }
}
