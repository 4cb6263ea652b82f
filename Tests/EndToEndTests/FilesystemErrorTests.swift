import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What is gone from a filesystem that reports errors of its own may have been lost: nothing is deleted
  /// until a person says so. On ext4 alone: no other reports an error when it is asked to, nor can one inode of
  /// another be spoilt.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FilesystemErrorTests {
    private func files(_ own: Filesystem) throws -> String {
      let source = own["source"]
      try shell("mkdir -p '\(source)/d'; cd '\(source)/d'; for i in 1 2 3; do echo $i > $i; done")
      return source
    }

    /// Has the kernel report an error of a filesystem in which nothing is wrong.
    private func triggerError(_ own: Filesystem) throws {
      try shell(
        "device=$(findmnt -no SOURCE --target '\(own.root)'); echo error > /sys/fs/ext4/${device#/dev/}/trigger_fs_error")
    }

    private func isDoubted(_ backup: TreelineProcess) -> Bool {
      let errors = (try? backup.status())?["errors"] as? [[String: Any]] ?? []
      return errors.contains { ($0["message"] as? String)?.contains("error of its own") == true }
    }

    @Test func deletionsWaitForAPersonAlsoOverARestart() throws {
      let scene = try Scene(.ext4)
      let own = try Filesystem(.ext4, bytes: 64 << 20)
      let source = try files(own)
      let arguments = ["backup", source, scene.destination]
      let first = try TreelineProcess(arguments, journal: scene.journal)
      try first.waitUntilReady()
      try first.flush()
      try triggerError(own)
      #expect(eventually(within: .seconds(10)) { isDoubted(first) }, "\(first.errorOutput)")
      // What is new is backed up as before.
      try shell("echo 4 > '\(source)/d/4'")
      try first.flush()
      #expect(try entryCount(scene.destination) == 5)
      #expect(try treeline(["journal", "show", "--op", "fs-error", scene.journal]).standardOutput.contains("fs-error"))
      try shell("rm '\(source)/d/1'")
      #expect(eventually(within: .seconds(10)) { first.state == "halted" }, "\(first.errorOutput)")
      #expect(try entryCount(scene.destination) == 5)
      #expect(try first.terminate() == 6)
      let once = try treeline(arguments + ["--once", "--journal", scene.journal])
      #expect(once.exitCode == 6 && once.standardError.contains("checked"), "\(once)")
      let second = try TreelineProcess(arguments, journal: scene.journal)
      #expect(eventually(within: .seconds(10)) { second.state == "halted" }, "\(second.errorOutput)")
      #expect(try entryCount(scene.destination) == 5)
      #expect(try treeline(["resume", scene.journal]).exitCode == 0)
      try second.waitUntilReady()
      try second.flush()
      #expect(!isDoubted(second))
      #expect(try difference(between: source, and: scene.destination) == nil)
      #expect(try second.terminate() == 0)
    }

    @Test func aPersonMayGoOnBeforeAnythingIsDeleted() throws {
      let scene = try Scene(.ext4)
      let own = try Filesystem(.ext4, bytes: 64 << 20)
      let source = try files(own)
      let backup = try TreelineProcess(["backup", source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      try triggerError(own)
      #expect(eventually(within: .seconds(10)) { isDoubted(backup) }, "\(backup.errorOutput)")
      let resumed = try treeline(["resume", scene.journal])
      #expect(resumed.exitCode == 0 && resumed.standardError.contains("deletes again"), "\(resumed)")
      #expect(eventually(within: .seconds(10)) { !isDoubted(backup) })
      // Looks at the damage repeat the report: a person has heard of it.
      try triggerError(own)
      try shell("rm '\(source)/d/1'")
      try backup.flush()
      #expect(try difference(between: source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }

    /// An inode whose checksum is wrong, as a disk that fails leaves one.
    @Test func aDamagedFileKeepsDeletionsBack() throws {
      guard findTool("debugfs") != nil else {
        return announceSkip("a damaged filesystem", because: "debugfs is not installed")
      }
      let scene = try Scene(.ext4)
      let own = try Filesystem(.ext4, bytes: 64 << 20)
      let source = try files(own)
      try shell("mkdir '\(source)/e'; echo 3 > '\(source)/e/3'")
      let once = ["backup", "--once", source, scene.destination, "--journal", scene.journal]
      #expect(try treeline(once).exitCode == 0)
      try own.damage("source/d/2")
      try shell("rm '\(source)/e/3'")
      let halted = try treeline(once)
      #expect(halted.exitCode == 6 && halted.standardError.contains("error of its own"), "\(halted)")
      #expect(try entryCount(scene.destination) == 6)
      let shown = try treeline(["journal", "show", "--op", "fs-error", scene.journal]).standardOutput
      #expect(shown.contains("fs-error"), "\(shown) \(halted)")
      let backup = try TreelineProcess(["backup", source, scene.destination], journal: scene.journal)
      #expect(eventually(within: .seconds(10)) { backup.state == "halted" }, "\(backup.errorOutput)")
      #expect(try treeline(["resume", scene.journal]).exitCode == 0)
      try backup.waitUntilReady()
      #expect(try treeline(["flush", scene.journal]).exitCode == 3)
      #expect(access("\(scene.destination)/e/3", F_OK) != 0)
      #expect(access("\(scene.destination)/d/2", F_OK) == 0, "the file that cannot be read is still there")
      #expect(try backup.terminate() == 0)
    }

    /// Opened by its handle it is stale; only its name tells that it is there.
    @Test func aDamagedDirectoryIsNotTakenForGone() throws {
      guard findTool("debugfs") != nil else {
        return announceSkip("a damaged filesystem", because: "debugfs is not installed")
      }
      let scene = try Scene(.ext4)
      let own = try Filesystem(.ext4, bytes: 64 << 20)
      let source = try files(own)
      let once = ["backup", "--once", source, scene.destination, "--journal", scene.journal]
      #expect(try treeline(once).exitCode == 0)
      try own.damage("source/d")
      let damaged = try treeline(once)
      #expect(damaged.exitCode == 3, "\(damaged)")
      #expect(try entryCount(scene.destination) == 4)
    }
  }
}
