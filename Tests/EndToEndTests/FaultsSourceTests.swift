import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// A source that goes away is noticed, and the destination keeps what it has.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsSourceTests {
    private static let files = 2_000

    /// A source that is the mount point of a filesystem of its own, or a directory in one; nil, and said,
    /// where there cannot be one of the kind.
    private func scene(
      _ kind: Filesystem.Kind, mountPoint: Bool = false
    ) throws -> (Scene, Filesystem, String, TreelineProcess)? {
      guard let scene = try Scene.ifPossible(kind) else { return nil }
      let own = try Filesystem(kind, bytes: 512 << 20)
      let source = mountPoint ? own.root : own["source"]
      try shell(
        "mkdir -p '\(source)/d'; cd '\(source)/d'; for i in $(seq \(Self.files)); do echo $i > $i; done")
      let backup = try TreelineProcess(["backup", source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try entryCount(scene.destination) > Self.files)
      return (scene, own, source, backup)
    }

    /// A removal that goes on while it is followed is stopped at half of the tree, by default.
    private func expectKept(_ scene: Scene, _ context: String) throws {
      let count = try entryCount(scene.destination)
      #expect(count >= Self.files / 2, "the destination was emptied to \(count) objects: \(context)")
    }

    private func expectNoticed(_ backup: TreelineProcess, _ context: String) {
      let noticed = eventually(within: .seconds(8)) { ["halted", "offline", "silent"].contains(backup.state) }
      #expect(noticed, "\(context): \(backup.state)\n\(backup.errorOutput)")
    }

    @Test(arguments: Thoroughness.filesystems, [
      "rm -rf SOURCE", "rm -rf SOURCE/d", "mv SOURCE SOURCE.away",
      "mv SOURCE SOURCE.away; mkdir SOURCE; echo other > SOURCE/other",
      "rm -rf SOURCE; mkdir SOURCE",
    ])
    func aSourceThatVanishesIsNoticedAndNothingIsDeleted(kind: Filesystem.Kind, how: String) throws {
      guard let (scene, own, source, backup) = try scene(kind) else { return }
      defer { withExtendedLifetime(own) {} }
      try shell(how.replacingOccurrences(of: "SOURCE", with: source))
      expectNoticed(backup, how)
      let flushed = try treeline(["flush", "--timeout", "5s", scene.journal])
      #expect([1, 4, 6].contains(flushed.exitCode), "\(flushed)")
      try expectKept(scene, how)
      _ = try backup.terminate()
      try expectKept(scene, "\(how), stopped")
      let again = try treeline([
        "backup", "--once", source, scene.destination, "--journal", scene.journal,
      ])
      if how == "rm -rf SOURCE/d" || how.contains("mkdir") {
        #expect([1, 6].contains(again.exitCode), "\(again)")
      } else {
        #expect(again.exitCode == 4, "\(again)")
      }
      try expectKept(scene, "\(how), started again")
    }

    @Test(arguments: Thoroughness.filesystems)
    func aSourceThatComesBackIsFollowedAgain(kind: Filesystem.Kind) throws {
      guard let (scene, own, source, backup) = try scene(kind) else { return }
      defer { withExtendedLifetime(own) {} }
      try shell("mv '\(source)' '\(source).away'")
      expectNoticed(backup, "renamed away")
      try shell("echo more > '\(source).away/more'; mv '\(source).away' '\(source)'")
      let followed = eventually(within: .seconds(10)) { backup.state == "following" }
      #expect(followed, "\(backup.state)\n\(backup.errorOutput)")
      try shell("echo last > '\(source)/last'")
      try backup.flush()
      #expect(try difference(between: source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: Thoroughness.filesystems, ["umount", "umount -l"])
    func aSourceThatIsUnmountedIsLetGo(kind: Filesystem.Kind, how: String) throws {
      guard let (scene, own, source, backup) = try scene(kind, mountPoint: true) else { return }
      let device = try shell("findmnt -no SOURCE '\(source)'").standardOutput
        .trimmingCharacters(in: .whitespacesAndNewlines)
      // The descriptors of the last copies are let go within a second.
      let unmounted = try eventually(within: .seconds(5)) {
        try run(["bash", "-c", "\(how) '\(source)'"]).exitCode == 0
      }
      #expect(unmounted, "umount stays busy")
      expectNoticed(backup, how)
      // Only a filesystem that nobody holds can be opened exclusively.
      let freed = eventually(within: .seconds(5)) {
        let descriptor = open(device, O_RDWR | O_EXCL)
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
      }
      #expect(freed, "the filesystem is still held")
      try expectKept(scene, how)
      guard freed else { return }
      // A loop device may have gone with the last user of its filesystem.
      let image = URL(fileURLWithPath: own.root).deletingLastPathComponent().appendingPathComponent("image").path
      try shell("mount -o loop '\(image)' '\(source)'; echo new > '\(source)/new'")
      let followed = eventually(within: .seconds(10)) { backup.state == "following" }
      #expect(followed, "\(backup.state)\n\(backup.errorOutput)")
      try backup.flush()
      #expect(try difference(between: source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: Thoroughness.filesystems)
    func whatIsMountedInsideIsAnEmptyDirectory(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let source = scene.source
      try shell("cd '\(source)'; mkdir before later; echo under > later/under; mount -t tmpfs t before; echo in > before/in")
      defer { _ = try? run(["umount", "-l", "\(source)/before"]) }
      defer { _ = try? run(["umount", "-l", "\(source)/later"]) }
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try entryCount("\(scene.destination)/before") == 0)
      #expect(try entryCount("\(scene.destination)/later") == 1)
      try shell("cd '\(source)'; mount -t tmpfs t later; echo in > later/in; echo x > last")
      try backup.flush()
      #expect(try entryCount("\(scene.destination)/later") == 1, "a mount changed the destination")
      #expect(access("\(scene.destination)/later/under", F_OK) == 0)
      #expect(try backup.terminate() == 0)
      let again = try scene.backup(["--once"])
      _ = eventually(within: .seconds(30)) { !again.isRunning }
      #expect(access("\(scene.destination)/later/under", F_OK) == 0)
    }

    /// An inode whose checksum is wrong, as a disk that fails leaves one. On ext4 alone: debugfs(8) can spoil one
    /// inode and nothing else.
    @Test func whatCannotBeReadIsToldAndNothingIsTakenForGone() throws {
      guard findTool("debugfs") != nil else {
        return announceSkip("a damaged filesystem", because: "debugfs is not installed")
      }
      let scene = try Scene(.ext4)
      let own = try Filesystem(.ext4, bytes: 64 << 20)
      let source = own["source"]
      try shell("mkdir -p '\(source)/d'; cd '\(source)/d'; for i in 1 2 3; do echo $i > $i; done")
      let arguments = ["backup", "--once", source, scene.destination, "--journal", scene.journal]
      let sound = try treeline(arguments)
      #expect(sound.exitCode == 0, "\(sound)")
      try own.damage("source/d/2")
      let damaged = try treeline(arguments)
      #expect(damaged.exitCode == 3 && damaged.standardError.contains("d: not all"), "\(damaged)")
      let told = damaged.standardError.split(separator: "\n").filter { $0.contains("error of its own") }
      #expect(told.count <= 1, "\(damaged)")
      #expect(try entryCount(scene.destination) == 4, "the file that cannot be read is still there")
    }
  }
}
