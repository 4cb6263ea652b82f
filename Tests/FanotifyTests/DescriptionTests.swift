import CLinux
import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// What the kernel says of a group.
struct DescriptionTests {
  @Test func everyKindOfMarkIsDescribed() throws {
    if let reason = Filesystem.reasonToSkip(.ext4) { return announceSkip(#function, because: reason) }
    let filesystem = try Filesystem(.ext4, bytes: 64 << 20)
    let root = try Descriptor.open(path: filesystem.root, O_RDONLY | O_DIRECTORY)
    try Names.makeDirectory("d", in: root.raw, mode: 0o755)
    let group = try NotificationGroup([.objectHandle, .unlimitedQueue])
    #expect(try group.describe().marks.isEmpty)
    try group.watch(.filesystem, for: [.create, .onDirectory], at: root.raw)
    try group.watch(.mount, for: .open, at: root.raw)
    try group.ignore(.inode, for: [.modify, .onChild], at: root.raw, path: "d", .evictable)

    let description = try group.describe()
    #expect(description.flags & ~UInt32(FAN_CLOEXEC) == group.flags & ~UInt32(FAN_CLOEXEC))
    var status = stat()
    #expect(fstat(root.raw, &status) == 0)
    let device = MarkDescription.Device(
      // Numbers of these sizes lie in the lowest 20 bits.
      major: UInt32(status.st_dev >> 8) & 0xFFF, minor: UInt32(status.st_dev & 0xFF))
    let whole = try #require(description.marks.first { $0.target == .filesystem(device) })
    #expect(whole.events.isSuperset(of: [.create, .onDirectory]) && whole.ignored.isEmpty)
    #expect(whole.traits == [])
    let mount = try #require(
      description.marks.first { if case .mount = $0.target { true } else { false } })
    let id = try mountID(of: root.raw)
    #expect(mount.events.contains(.open) && mount.target == .mount(id))
    let object = try #require(
      description.marks.first { if case .inode = $0.target { true } else { false } })
    var inner = stat()
    #expect(stat(filesystem["d"], &inner) == 0)
    #expect(
      object.target
        == .inode(UInt64(inner.st_ino), device: device, handle: try ObjectKey.of("d", in: root.raw)))
    #expect(object.events.isEmpty && object.ignored == [.modify, .onChild])
    #expect(object.traits == [.lasting, .evictable, .ignoresByFlags])
    #expect(description.marks.count == 3)

    try group.stopIgnoring(.inode, for: [.modify, .onChild], at: root.raw, path: "d")
    try group.removeAll(.mount)
    #expect(try group.describe().marks.map(\.target) == [.filesystem(device)])
  }

  @Test func aNamespaceMarkIsDescribed() throws {
    if let reason = Filesystem.reasonToSkip(.tmpfs) { return announceSkip(#function, because: reason) }
    guard let group = try? NotificationGroup(.mounts) else {
      return announceSkip(#function, because: "Linux is older than 6.14")
    }
    let namespace = try Descriptor.open(path: "/proc/self/ns/mnt", O_RDONLY)
    try group.watch(.mountNamespace, for: .mountAttached, at: namespace.raw)
    var status = stat()
    #expect(fstat(namespace.raw, &status) == 0)
    let mark = try #require(try group.describe().marks.first)
    #expect(mark.target == .mountNamespace(UInt32(status.st_ino)) && mark.events == .mountAttached)
  }

  @Test func theFilesAndTheClassAreDescribed() throws {
    if let reason = Filesystem.reasonToSkip(.tmpfs) { return announceSkip(#function, because: reason) }
    let group = try DescriptorGroup(.preContent, opening: [.readWrite, .noAccessTime], .threadID)
    let description = try group.describe()
    #expect(description.flags & UInt32(FAN_CLASS_PRE_CONTENT | FAN_REPORT_TID) != 0)
    #expect(description.flags | UInt32(FAN_CLOEXEC) == group.flags | UInt32(FAN_CLOEXEC))
    #expect(description.fileFlags & 3 == UInt32(O_RDWR))
    #expect(description.fileFlags & UInt32(CL_O_NOATIME) != 0)
  }

  @Test func whatIsUnknownIsPassedOver() {
    let text = """
      pos:\t0
      inotify wd:3 ino:1 sdev:2 mask:3
      fanotify flags:zz event-flags:1
      fanotify colour:7 mask:1
      fanotify
      fanotify mnt_id:1b mflags:0 mask:8000020 ignored_mask:0 colour:7
      fanotify ino:1 sdev:800001 mflags:0 mask:2 ignored_mask:0 fhandle-bytes:3 fhandle-type:1 f_handle:abc
      """
    let description = GroupDescription(fdinfo: Array(text.utf8))
    #expect(description.flags == 0)
    #expect(
      description.marks.map(\.target) == [
        .mount(0x1B), .inode(1, device: .init(major: 8, minor: 1), handle: nil),
      ])
    #expect(description.marks.map(\.events) == [[.open, .onChild], .modify])
  }

  @Test func randomTextIsReadWithoutHarm() {
    let seed = Thoroughness.seed()
    print("randomTextIsReadWithoutHarm: seed \(seed)")
    var random = SeededRandom(seed: seed)
    let words = [
      "fanotify ", "\n", "ino:", "sdev:", "mask:", "mnt_id:", "mnt_ns:", "f_handle:", "fhandle-type:",
      "flags:", " ", "ff", "0", "99999999999999999999", "a1b2", ":", "-1", "\u{FF}",
    ]
    var marks = 0
    for _ in 0..<(Thoroughness.isFull ? 500_000 : 10_000) {
      let text = (0..<random.next() % 24).map { _ in words[Int(random.next() % UInt64(words.count))] }
      marks += GroupDescription(fdinfo: Array(("fanotify " + text.joined()).utf8)).marks.count
    }
    #expect(marks > 0, "seed \(seed)")
  }

  private func mountID(of file: Int32) throws -> UInt32 {
    let info = try Descriptor.open(path: "/proc/self/fdinfo/\(file)", O_RDONLY)
    let text = String(decoding: try FileBytes.readAll(info.raw, limit: 4096), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("mnt_id:") }
    return try #require(line.flatMap { UInt32($0.split(separator: "\t").last ?? "") })
  }
}
