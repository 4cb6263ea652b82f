import CLinux
import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// Groups that report open files and ask nobody.
struct DescriptorTests {
  @Test func anOpenedFileComesOpen() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding = try Guarding(.tmpfs, .notification, for: [.open, .close])
    let path = guarding.file
    #expect(Asking(toOpen: path).outcome() == 0)
    let number: Int32
    let kept: Int32
    do {
      let event = try guarding.next()
      #expect(event.mask.contains(.open) && event.pid == getpid() && !event.awaitsAnswer)
      #expect(inode(event.file) == inode(at: path) && event.process == nil && event.range == nil)
      guard case .descriptor(let raw) = event.file, let keeper = try event.keepFile() else {
        Issue.record("no file: \(event.file)")
        return
      }
      number = raw
      kept = keeper.release()
    }
    defer { close(kept) }
    // Another thread may have got the number since; it leads elsewhere then.
    #expect(inode(.descriptor(number)) != inode(at: path) || number == kept)
    #expect(inode(.descriptor(kept)) == inode(at: path))
  }

  @Test func eventsThatWereNotTakenAreClosed() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    let guarding = try Guarding(.tmpfs, .notification, for: [.open])
    #expect(Asking(toOpen: guarding.file).outcome() == 0)
    let device = try device(of: guarding.root.raw)
    var buffer = FileEventBuffer()
    #expect(try guarding.group.read(into: &buffer) > 0)
    // The root is open as well, and nothing else on this filesystem.
    #expect(try openFiles(on: device) == 2)
    #expect(try guarding.group.read(into: &buffer) == 0)
    #expect(try openFiles(on: device) == 1)
    #expect(try buffer.next() == nil)
  }

  @Test func threadsAndProcessesAreTold() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding = try Guarding(.tmpfs, .notification, .threadID, for: .open)
    let path = guarding.file
    let thread = Asking {
      let file = open(path, O_RDONLY)
      close(file)
      return gettid()
    }.outcome()
    #expect(thread != getpid())
    #expect(try guarding.next().pid == thread)

    var other = try Guarding(.tmpfs, .notification, .processDescriptor, for: .open)
    #expect(Asking(toOpen: other.file).outcome() == 0)
    let event = try other.next()
    guard case .descriptor = event.process else {
      Issue.record("no process: \(String(describing: event.process))")
      return
    }
    #expect(event.pid == getpid() && event.process?.hasExited == false)
  }

  @Test func aFileThatCannotBeOpenedSaysWhy() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding: Guarding
    do {
      guarding = try Guarding(
        .tmpfs, .notification, opening: .readWrite, .errorNumbers, for: .open)
    } catch {
      return announceSkip(#function, because: "Linux is too old: \(error)")
    }
    try succeed(["mount", "-o", "remount,ro", guarding.filesystem.root])
    #expect(Asking(toOpen: guarding.file).outcome() == 0)
    #expect(try guarding.next().file == .failed(.readOnlyFileSystem))
  }

  @Test func anIgnoredFileIsSilentUntilItIsModified() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    for rule in [IgnoreRule.untilModified, .oldUntilModified] {
      var guarding = try Guarding(.tmpfs, .notification, for: .open)
      try guarding.group.ignore(.inode, for: .open, rule, at: guarding.root.raw, path: "f")
      #expect(Asking(toOpen: guarding.file).outcome() == 0)
      #expect(try guarding.group.queuedEvents() == 0)
      #expect(truncate(guarding.file, 1) == 0)
      #expect(Asking(toOpen: guarding.file).outcome() == 0)
      #expect(try guarding.next().mask == .open)
    }
  }

  @Test func whatLastsIsSilentUntilItIsTakenBack() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    for rule in [IgnoreRule.lasting, .oldLasting] {
      var guarding = try Guarding(.tmpfs, .notification, for: .open)
      try guarding.group.ignore(.inode, for: .open, rule, at: guarding.root.raw, path: "f")
      #expect(truncate(guarding.file, 1) == 0)
      #expect(Asking(toOpen: guarding.file).outcome() == 0)
      #expect(try guarding.group.queuedEvents() == 0)
      try guarding.group.stopIgnoring(.inode, for: .open, rule, at: guarding.root.raw, path: "f")
      #expect(Asking(toOpen: guarding.file).outcome() == 0)
      #expect(try guarding.next().mask == .open)
    }
  }

  private func device(of file: Int32) throws -> UInt {
    var status = stat()
    #expect(fstat(file, &status) == 0)
    return status.st_dev
  }

  /// How many descriptors of this process are on a filesystem.
  private func openFiles(on device: UInt) throws -> Int {
    let limit = Int32(getdtablesize())
    return (0..<min(limit, 4096)).count { number in
      var status = stat()
      return fstat(number, &status) == 0 && status.st_dev == device
    }
  }
}
