import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// A fresh filesystem that holds a file `f`, and a group with open files and a mark on the whole of it.
struct Guarding: ~Copyable {
  let group: DescriptorGroup
  let root: Descriptor
  let filesystem: Filesystem
  var buffer = FileEventBuffer()
  var file: String { filesystem["f"] }

  init(
    _ kind: Filesystem.Kind = .tmpfs, _ duty: DescriptorGroup.Duty,
    opening files: DescriptorGroup.FileFlags = .readOnly, _ options: DescriptorGroup.Options = [],
    for events: EventMask
  ) throws {
    let filesystem = try Filesystem(kind, bytes: 64 << 20)
    let root = try Descriptor.open(path: filesystem.root, O_RDONLY | O_DIRECTORY)
    let group = try DescriptorGroup(duty, opening: files, options)
    let file = try Descriptor.open("f", in: root.raw, .make, mode: 0o644)
    try FileBytes.write(file.raw, at: 0, Array("content".utf8))
    _ = consume file
    try group.watch(.filesystem, for: events, at: root.raw)
    self.filesystem = filesystem
    self.root = root
    self.group = group
  }

  /// Waits for the next event, for long enough on any machine.
  mutating func next() throws -> FileEvent {
    while true {
      if let event = try buffer.next() { return event }
      guard try group.wait(milliseconds: 30_000) else { throw TestSupportError("no event came") }
      try group.read(into: &buffer)
    }
  }

  /// Why none can be had here; nil where it can.
  static func reasonToSkip(_ kind: Filesystem.Kind = .tmpfs) -> String? {
    Filesystem.reasonToSkip(kind)
  }
}

/// The inode number of an open file.
func inode(_ file: EventFile) -> UInt? {
  guard case .descriptor(let raw) = file else { return nil }
  var status = stat()
  return fstat(raw, &status) == 0 ? status.st_ino : nil
}

/// The inode number of what a path leads to.
func inode(at path: String) -> UInt? {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_ino : nil
}
