import LinuxSystem
import SystemPackage

/// What can be told of a destination at a glance, without changing it.
package struct DestinationLook {
  package var identity: DestinationIdentity
  /// The process that writes to it; nil when none does.
  package var holder: Int32?
  /// Whether replaced and removed files are kept in it.
  package private(set) var keepsVersions = false

  /// Looks at a directory; nil when it is no destination of ours, or is not there.
  package init?(at path: [UInt8]) {
    guard case .ours(let identity)? = try? Destination.inspect(path),
      let root = try? Descriptor.open(given: path, .listPlace),
      let own = try? Descriptor.open(".treeline", in: root.raw, .list)
    else { return nil }
    self.identity = identity
    keepsVersions = (try? FileStatus.of(VersionStore.name, in: own.raw)) != nil
    guard let lock = try? Descriptor.open("lock", in: own.raw, .update),
      (try? FileBytes.lock(lock.raw)) == false
    else { return }
    let text = (try? FileBytes.readAll(lock.raw, limit: 64)) ?? []
    holder = Int32(String(decoding: text, as: UTF8.self)) ?? 0
  }
}
