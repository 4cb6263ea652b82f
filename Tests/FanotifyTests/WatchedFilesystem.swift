import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport

/// A fresh filesystem with a mark on the whole of it.
///
/// An event is queued before the call that causes it returns, so nothing here ever waits.
struct WatchedFilesystem: ~Copyable {
  let filesystem: Filesystem
  /// The root, open; it also keeps the filesystem from being unmounted.
  let root: Descriptor
  let group: NotificationGroup

  /// What loses nothing under a filesystem mark.
  static let mask: EventMask = [
    .create, .delete, .rename, .modify, .attributes, .closeWrite, .onDirectory,
  ]

  init(
    _ kind: Filesystem.Kind, _ options: NotificationGroup.Options = .directoryNameTarget,
    for mask: EventMask = mask
  ) throws {
    let filesystem = try Filesystem(kind, bytes: 400 << 20)
    let root = try Descriptor.open(path: filesystem.root, O_RDONLY | O_DIRECTORY)
    let group = try NotificationGroup(options)
    try group.watch(.filesystem, for: mask, at: root.raw)
    self.filesystem = filesystem
    self.root = root
    self.group = group
  }

  /// Everything that is queued now.
  func drain(capacity: Int = 65_536) throws -> [SeenEvent] {
    var buffer = EventBuffer(capacity: capacity)
    var events: [SeenEvent] = []
    while try group.read(into: &buffer) > 0 {
      var cursor = buffer.events
      while let event = try cursor.next() { events.append(SeenEvent(event)) }
    }
    return events
  }

  func key(_ name: String) throws -> ObjectKey { try ObjectKey.of(name, in: root.raw) }

  /// Makes a file, and writes to it where there is something to write.
  func write(_ name: String, _ text: String = "") throws {
    let file = try Descriptor.open(name, in: root.raw, .make, mode: 0o644)
    let bytes = Array(text.utf8)
    guard bytes.isEmpty || Glibc.write(file.raw, bytes, bytes.count) == bytes.count else {
      throw TestSupportError("cannot write \(name)")
    }
  }
}
