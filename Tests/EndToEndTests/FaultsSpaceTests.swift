import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A destination that is full says so, holds no half files, and is brought up to date once there is room.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsSpaceTests {
    /// A source of 16 files of 1 MiB, and room for 8 MiB.
    private func tooSmall(_ kind: Filesystem.Kind) throws -> (Scene, Filesystem)? {
      guard let scene = try Scene.ifPossible(kind) else { return nil }
      try shell("cd '\(scene.source)'; for i in $(seq 16); do head -c 1M /dev/urandom > file$i; done; mkdir d; echo x > d/f")
      return (scene, try Filesystem(.tmpfs, bytes: 8 << 20))
    }

    /// Every file that is there under its name has all of its content.
    private func expectNoHalfFile(_ scene: Scene, _ destination: String) throws {
      for index in 1...16 where access("\(destination)/file\(index)", F_OK) == 0 {
        let compared = try run(["cmp", "\(scene.source)/file\(index)", "\(destination)/file\(index)"])
        #expect(compared.exitCode == 0, "\(compared)")
      }
    }

    @Test(arguments: Thoroughness.filesystems)
    func aBackupToAFullDiskGoesOnOnceThereIsRoom(kind: Filesystem.Kind) throws {
      guard let (scene, small) = try tooSmall(kind) else { return }
      let destination = small["destination"]
      try shell("mkdir '\(destination)'")
      let backup = try TreelineProcess(["backup", scene.source, destination], journal: scene.journal)
      try backup.waitUntilReady()
      let flushed = try treeline(["flush", scene.journal])
      #expect([1, 3, 4].contains(flushed.exitCode), "\(flushed)")
      let errors = try backup.status()["errors"] as? [Any] ?? []
      #expect(!errors.isEmpty, "status does not tell")
      #expect(backup.isRunning)
      try expectNoHalfFile(scene, destination)
      try shell("mount -o remount,size=64m '\(small.root)'")
      let done = try eventually(within: .seconds(10)) { try treeline(["flush", scene.journal]).exitCode == 0 }
      #expect(done, "\(backup.errorOutput)")
      // The disk can be opened at each try; that is no news.
      let told = backup.errorOutput.split(separator: "\n").count { $0.contains("it is tried again until it can be") }
      #expect(told <= 1, "\(backup.errorOutput)")
      #expect(try difference(between: scene.source, and: destination) == nil)
      #expect((try backup.status()["errors"] as? [Any] ?? []).isEmpty)
      #expect(try backup.terminate() == 0)
    }

    /// The rest goes on, and what is removed in the source makes room, also where it is kept first.
    @Test(arguments: Thoroughness.filesystems, ["30d", "off"])
    func aFileThatDoesNotFitCostsOnlyItself(kind: Filesystem.Kind, versions: String) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("cd '\(scene.source)'; head -c 16M /dev/urandom >old; echo x >f; mkdir gone; echo y >gone/g")
      let small = try Filesystem(.tmpfs, bytes: 32 << 20)
      let destination = small["destination"]
      try shell("mkdir '\(destination)'")
      let backup = try TreelineProcess(
        ["backup", scene.source, destination, "--versions", versions], journal: scene.journal)
      try backup.waitUntilReady()
      #expect(try treeline(["flush", scene.journal]).exitCode == 0)
      try shell(
        "cd '\(scene.source)'; head -c 40M /dev/urandom >large; echo small >small; mv f renamed; chmod 700 old; rm -r gone")
      let full = try treeline(["flush", scene.journal])
      #expect(full.exitCode == 3, "\(full)")
      #expect(full.standardError.contains("large") && full.standardError.contains("No space left"), "\(full)")
      for present in ["small", "renamed", "old"] { #expect(access("\(destination)/\(present)", F_OK) == 0) }
      for absent in ["large", "f", "gone"] { #expect(access("\(destination)/\(absent)", F_OK) != 0) }
      if versions != "off" {
        // What could not make room for it either was not let go of.
        let back = scene.filesystem["back"]
        let restored = try treeline(["restore", destination, "gone", "--to", back])
        #expect(restored.exitCode == 0 && access("\(back)/gone/g", F_OK) == 0, "\(restored)")
      }
      try shell("cd '\(scene.source)'; rm old; truncate -s 20M large")
      let done = try treeline(["flush", scene.journal])
      #expect(done.exitCode == 0, "\(done)")
      #expect(try difference(between: scene.source, and: destination) == nil)
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: Thoroughness.filesystems, ["replay", "once"])
    func aRunToAFullDiskFailsAndTheNextFinishes(kind: Filesystem.Kind, how: String) throws {
      guard let (scene, small) = try tooSmall(kind) else { return }
      let destination = small["destination"]
      try shell("mkdir '\(destination)'")
      let once = ["backup", "--once", "--quiet", scene.source, destination, "--journal", scene.journal]
      let command = how == "once" ? once : ["replay", "--quiet", scene.journal, destination]
      if how == "replay" {
        let record = try TreelineProcess(["record", scene.source], journal: scene.journal)
        try record.waitUntilReady()
        #expect(try record.terminate() == 0)
      }
      let full = try treeline(command)
      #expect([1, 3].contains(full.exitCode), "\(full)")
      #expect(full.standardError.contains("No space left"), "\(full)")
      try expectNoHalfFile(scene, destination)
      try shell("mount -o remount,size=64m '\(small.root)'")
      let done = try treeline(command)
      #expect(done.exitCode == 0, "\(done)")
      #expect(try difference(between: scene.source, and: destination) == nil)
    }

    /// What a destination is made, and what makes it sound again.
    @Test(arguments: Thoroughness.filesystems, [("ro", "rw"), ("nr_inodes=15", "nr_inodes=1000")])
    func aDestinationThatTakesNothingIsToldAndTheNextRunFinishes(
      kind: Filesystem.Kind, change: (bad: String, good: String)
    ) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("cd '\(scene.source)'; for i in $(seq 30); do echo $i > $i; done")
      let small = try Filesystem(.tmpfs)
      let destination = small["destination"]
      try shell("mkdir '\(destination)'; mount -o remount,\(change.bad) '\(small.root)'")
      let command = ["backup", "--once", "--quiet", scene.source, destination, "--journal", scene.journal]
      let refused = try treeline(command)
      #expect([1, 3].contains(refused.exitCode) && !refused.standardError.isEmpty, "\(refused)")
      try shell("mount -o remount,\(change.good) '\(small.root)'")
      let done = try treeline(command)
      #expect(done.exitCode == 0, "\(done)")
      #expect(try difference(between: scene.source, and: destination) == nil)
    }
  }
}
