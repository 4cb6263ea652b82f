import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What is mounted and unmounted at the source is noticed, told, and never taken for deletion.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct MountsTests {
    private func scene(_ kind: Filesystem.Kind) throws -> (Scene, TreelineProcess)? {
      guard let scene = try Scene.ifPossible(kind) else { return nil }
      try shell("cd '\(scene.source)'; mkdir -p inside/deep; echo under > inside/under; echo f > f")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      return (scene, backup)
    }

    private func marks(_ scene: Scene) throws -> String {
      try succeed([Products.treeline, "journal", "show", "--op", "mount", scene.journal]).standardOutput
    }

    private func expectKept(_ scene: Scene) {
      for name in ["f", "inside/under", "inside/deep"] {
        #expect(access("\(scene.destination)/\(name)", F_OK) == 0, "\(name) is gone")
      }
    }

    @Test(arguments: Thoroughness.filesystems, ["tmpfs", "bind"])
    func whatIsMountedInsideIsToldAndLeftOut(kind: Filesystem.Kind, how: String) throws {
      guard let (scene, backup) = try scene(kind) else { return }
      let mount = how == "tmpfs" ? "mount -t tmpfs t" : "mount --bind '\(scene.outside)'"
      defer { _ = try? run(["umount", "-l", "\(scene.source)/inside"]) }
      try shell("\(mount) '\(scene.source)/inside'; echo in > '\(scene.source)/inside/in'")
      let told = eventually(within: .seconds(1)) {
        ((try? backup.status())?["mounts"] as? [[String: Any]])?.count == 1
      }
      #expect(told, "\(backup.errorOutput)")
      #expect(backup.state == "following")
      try shell("echo more > '\(scene.source)/inside/in'; echo g > '\(scene.source)/g'")
      try backup.flush()
      expectKept(scene)
      #expect(access("\(scene.destination)/inside/in", F_OK) != 0)
      #expect(access("\(scene.destination)/g", F_OK) == 0)
      let verify = try treeline(["verify", scene.source, scene.destination])
      #expect(verify.exitCode == 0, "\(verify)")
      try shell("umount '\(scene.source)/inside'")
      let gone = eventually(within: .seconds(1)) {
        ((try? backup.status())?["mounts"] as? [[String: Any]])?.isEmpty == true
      }
      #expect(gone)
      try backup.flush()
      expectKept(scene)
      let said = try marks(scene)
      #expect(said.contains("\tmounted ") && said.contains("\tunmounted ") && said.contains("/inside"), "\(said)")
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: Thoroughness.filesystems, ["tmpfs", "bind"])
    func aSourceThatIsMountedOverIsNoticedAtOnce(kind: Filesystem.Kind, how: String) throws {
      guard let (scene, backup) = try scene(kind) else { return }
      let mount = how == "tmpfs" ? "mount -t tmpfs t" : "mount --bind '\(scene.outside)'"
      defer { _ = try? run(["umount", "-l", scene.source]) }
      try shell("\(mount) '\(scene.source)'")
      #expect(eventually(within: .seconds(1)) { ["offline", "halted"].contains(backup.state) }, "\(backup.errorOutput)")
      try shell("echo other > '\(scene.source)/other'")
      expectKept(scene)
      try shell("umount '\(scene.source)'; echo last > '\(scene.source)/last'")
      #expect(eventually(within: .seconds(1)) { backup.state == "following" }, "\(backup.errorOutput)")
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      let said = try marks(scene)
      #expect(said.contains("\tmounted ") && said.contains("\tunmounted "), "\(said)")
      #expect(try backup.terminate() == 0)
    }

    /// The directory above goes out of sight, and the source with it.
    @Test(arguments: Thoroughness.filesystems)
    func aMountAboveTheSourceIsNoticedAtOnce(kind: Filesystem.Kind) throws {
      guard let (scene, backup) = try scene(kind) else { return }
      let root = scene.filesystem.root
      try shell("mount -t tmpfs t '\(root)'")
      #expect(eventually(within: .seconds(1)) { backup.state == "offline" }, "\(backup.errorOutput)")
      try shell("umount '\(root)'")
      #expect(eventually(within: .seconds(1)) { backup.state == "following" }, "\(backup.errorOutput)")
      try backup.flush()
      expectKept(scene)
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: Thoroughness.filesystems)
    func aSourceThatBecomesReadOnlyIsTold(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let own = try Filesystem(kind, bytes: 512 << 20)
      try shell("echo f > '\(own["f"])'")
      let backup = try TreelineProcess(["backup", own.root, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      try shell("mount -o remount,ro '\(own.root)'")
      #expect(eventually(within: .seconds(1)) { backup.errorOutput.contains("read-only") })
      #expect(backup.state == "following")
      try shell("mount -o remount,rw '\(own.root)'; echo late > '\(own["late"])'")
      // News of mounts come by another way than those of files, and at most every so often.
      #expect(eventually(within: .seconds(2)) { backup.errorOutput.contains("made writable") })
      try backup.flush()
      #expect(access("\(scene.destination)/late", F_OK) == 0)
      let said = try marks(scene)
      #expect(said.contains("\tread-only \(kind) ") && said.contains("\twritable \(kind) "), "\(said)")
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: Thoroughness.filesystems)
    func anUnmountedSourceIsLetGoAtOnceAndMarked(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let own = try Filesystem(kind, bytes: 512 << 20)
      try shell("mkdir '\(own["d"])'; echo f > '\(own["d/f"])'")
      let backup = try TreelineProcess(["backup", own.root, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      try shell("umount -l '\(own.root)'")
      #expect(eventually(within: .seconds(1)) { backup.state == "offline" }, "\(backup.errorOutput)")
      #expect(access("\(scene.destination)/d/f", F_OK) == 0)
      let before = try marks(scene)
      #expect(before.contains("unmounted \(kind) "), "\(before)")
      try shell("mount -o loop '\(own.image)' '\(own.root)'; echo new > '\(own["new"])'")
      #expect(eventually(within: .seconds(1)) { backup.state == "following" }, "\(backup.errorOutput)")
      try backup.flush()
      #expect(try difference(between: own.root, and: scene.destination) == nil)
      #expect(try marks(scene).contains("\tmounted \(kind) "))
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: Thoroughness.filesystems)
    func mountsElsewhereAreNoNews(kind: Filesystem.Kind) throws {
      guard let (scene, backup) = try scene(kind) else { return }
      let captured = try backup.status()["captured"] as? Int
      let other = try Filesystem(.tmpfs, bytes: 1 << 20)
      for _ in 0..<20 { try shell("mount -t tmpfs t '\(other.root)'; umount '\(other.root)'") }
      #expect(try backup.status()["captured"] as? Int == captured)
      #expect(try marks(scene).isEmpty)
      #expect(try backup.terminate() == 0)
    }
  }
}
