import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// What a mark on a real filesystem tells.
struct FilesystemMarkTests {
  static var kinds: [Filesystem.Kind] {
    Filesystem.Kind.allCases.filter { kind in
      guard let reason = Filesystem.reasonToSkip(kind) else { return true }
      announceSkip("a mark on \(kind)", because: reason)
      return false
    }
  }

  @Test(arguments: kinds)
  func aCreatedFileIsNamedWithItsDirectoryAndItsHandle(kind: Filesystem.Kind) throws {
    let watched = try WatchedFilesystem(kind)
    try watched.write("a", "hello")
    let events = try watched.drain()
    // The three may lie in one event, merged, or in several.
    #expect(events.reduce(into: EventMask()) { $0.formUnion($1.mask) } == [.create, .modify, .closeWrite])
    for event in events {
      #expect(event.name == "a")
      #expect(event.directory == (try ObjectKey.of(watched.root.raw)))
      #expect(event.object == (try watched.key("a")))
      #expect(event.pid == getpid())
    }
    #expect(try watched.drain().isEmpty)
  }

  @Test(arguments: kinds)
  func aRenameIsOneEventWithBothEnds(kind: Filesystem.Kind) throws {
    let watched = try WatchedFilesystem(kind)
    try Names.makeDirectory("d", in: watched.root.raw, mode: 0o755)
    try watched.write("a")
    let object = try watched.key("a")
    _ = try watched.drain()
    let inner = try Descriptor.open("d", in: watched.root.raw, .list)
    try Names.rename("a", in: watched.root.raw, to: "b\n", in: inner.raw, replacing: false)
    let events = try watched.drain()
    #expect(events.count == 1)
    let event = try #require(events.first)
    #expect(event.mask == .rename)
    #expect(event.object == object)
    #expect(event.oldDirectory == (try ObjectKey.of(watched.root.raw)) && event.oldName == "a")
    #expect(event.newDirectory == (try ObjectKey.of(inner.raw)) && event.newName == "b\n")
  }

  @Test(arguments: kinds)
  func aRemovedDirectoryIsNamedWithTheHandleItHad(kind: Filesystem.Kind) throws {
    let watched = try WatchedFilesystem(kind)
    try Names.makeDirectory("d", in: watched.root.raw, mode: 0o755)
    let object = try watched.key("d")
    let created = try #require(try watched.drain().first)
    #expect(created.mask == [.create, .onDirectory] && created.object == object)
    try Names.removeDirectory("d", in: watched.root.raw)
    let events = try watched.drain()
    let removed = try #require(events.first { $0.mask.contains(.delete) })
    #expect(removed.mask == [.delete, .onDirectory])
    #expect(removed.object == object && removed.name == "d")
  }

  @Test(arguments: kinds)
  func anEventAboutADirectoryItselfIsNamedDot(kind: Filesystem.Kind) throws {
    let watched = try WatchedFilesystem(kind)
    try Names.makeDirectory("d", in: watched.root.raw, mode: 0o755)
    _ = try watched.drain()
    #expect(chmod(watched.filesystem["d"], 0o700) == 0)
    let event = try #require(try watched.drain().first)
    #expect(event.mask == [.attributes, .onDirectory])
    #expect(event.directory == (try watched.key("d")) && event.name == ".")
  }

  @Test func theKeyOfAnEventOpensTheObject() throws {
    guard let kind = Self.kinds.first else { return }
    let watched = try WatchedFilesystem(kind)
    try watched.write("a", "hello")
    let object = try #require(try watched.drain().first?.object)
    let file = try object.open(mount: watched.root.raw, flags: O_RDONLY)
    #expect(try ObjectKey.of(file.raw) == object)
  }

  @Test func aRemovedMarkTellsNothingMore() throws {
    guard let kind = Self.kinds.first else { return }
    let watched = try WatchedFilesystem(kind)
    try watched.group.remove(.filesystem, for: .create, at: watched.root.raw)
    try Names.makeDirectory("d", in: watched.root.raw, mode: 0o755)
    #expect(try watched.drain().isEmpty)
    try Names.removeDirectory("d", in: watched.root.raw)
    #expect(try watched.drain().map(\.mask) == [[.delete, .onDirectory]])
    try watched.group.removeAll(.filesystem)
    try watched.write("a")
    #expect(try watched.drain().isEmpty)
  }

  @Test func anIgnoredDirectoryIsSilent() throws {
    guard let kind = Self.kinds.first else { return }
    let watched = try WatchedFilesystem(kind)
    for name in ["loud", "silent"] {
      try Names.makeDirectory(name, in: watched.root.raw, mode: 0o755)
    }
    _ = try watched.drain()
    try watched.group.ignore(
      .inode, for: [.create, .modify, .closeWrite, .onChild, .onDirectory], at: watched.root.raw,
      path: "silent", .evictable)
    try watched.write("silent/a", "1")
    try watched.write("loud/a", "1")
    let loud = try watched.key("loud")
    let events = try watched.drain()
    #expect(!events.isEmpty)
    #expect(events.allSatisfy { $0.directory == loud })
  }

  @Test func damageThatTheFilesystemFindsIsToldWithItsNumber() throws {
    if let reason = Filesystem.reasonToSkip(.ext4) { return announceSkip(#function, because: reason) }
    let watched = try WatchedFilesystem(.ext4, for: .filesystemError)
    let source = try succeed(["findmnt", "-no", "SOURCE", watched.filesystem.root]).standardOutput
    let name = source.split(separator: "/").last?.filter { !$0.isWhitespace } ?? ""
    let trigger = "/sys/fs/ext4/\(name)/trigger_fs_error"
    guard let file = try? Descriptor.open(path: trigger, O_WRONLY) else {
      return announceSkip(#function, because: "there is no \(trigger)")
    }
    for _ in 0..<2 { #expect(Glibc.write(file.raw, "1", 1) == 1) }
    let event = try #require(try watched.drain().first)
    #expect(event.mask == .filesystemError && event.object == nil)
    // The first error's number; the second one was counted only.
    #expect(event.filesystemError?.count == 2 && event.filesystemError?.code != 0)
    #expect(event.fsid != nil)
  }
}
