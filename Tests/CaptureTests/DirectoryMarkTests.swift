import Capture
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

struct DirectoryMarkTests {
  /// A server that goes by paths knows nothing of a directory that was removed, though it is open: that
  /// one could not be marked is no reason to end.
  @Test func oneThatWasRemovedIsGoneAndNotUnmarkable() throws {
    if let reason = Filesystem.reasonToSkip(.ext4) ?? Filesystem.reasonToSkipFUSE {
      return announceSkip("directories that FUSE loses", because: reason)
    }
    let filesystem = try Filesystem(.ext4)
    let mount = filesystem["merged"]
    try succeed(["mkdir", mount, filesystem["files"]])
    try succeed([Products.passthrough, filesystem["files"], mount, "--loses-removed"])
    defer { _ = try? run(["umount", "-l", mount]) }
    try succeed(["mkdir", "\(mount)/gone", "\(mount)/there"])
    let gone = open("\(mount)/gone", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    let there = open("\(mount)/there", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer {
      close(gone)
      close(there)
    }
    let identity = try ObjectIdentity(of: there)
    let key = try identity.key(of: gone)
    try succeed(["rmdir", "\(mount)/gone"])

    let marks = DirectoryMarks(try Drain(.inode, at: there, hintsAtNames: true), translates: true)
    #expect(throws: Errno.staleNFSFileHandle) { try marks.mark(gone, key) }
    try marks.mark(there, try identity.key(of: there))
    #expect(marks.failure == nil)
  }
}
