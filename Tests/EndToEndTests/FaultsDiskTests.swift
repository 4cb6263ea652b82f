import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A destination whose disk gives errors says so, and is brought up to date when it is sound again.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsDiskTests {
    private func disk(_ what: String, _ kind: Filesystem.Kind = .ext4, bytes: Int = 64 << 20) throws -> FaultyDisk? {
      if let reason = FaultyDisk.reasonToSkip {
        announceSkip(what, because: reason)
        return nil
      }
      return try FaultyDisk(kind, bytes: bytes)
    }

    private func errors(_ backup: TreelineProcess) throws -> [[String: Any]] {
      try backup.status()["errors"] as? [[String: Any]] ?? []
    }

    /// Source and what is on the disk itself are compared, not what is in memory.
    private func expectExact(_ backup: TreelineProcess, _ scene: Scene, _ disk: FaultyDisk) throws {
      let done = try eventually(within: .seconds(20)) { try treeline(["flush", scene.journal]).exitCode == 0 }
      #expect(done, "\(backup.errorOutput)")
      #expect(try errors(backup).isEmpty)
      #expect(try backup.terminate() == 0)
      try disk.remount()
      let difference = try difference(between: scene.source, and: "\(disk.root)/d")
      #expect(difference == nil, "\(backup.errorOutput)")
    }

    @Test(arguments: Thoroughness.filesystems)
    func aDiskThatFailsInTheMiddleIsToldAndFlushFinishesWhenItIsSound(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      guard let disk = try disk("a disk that fails", kind, bytes: kind == .ext4 ? 64 << 20 : 512 << 20) else { return }
      try shell("mkdir '\(disk.root)/d'; cd '\(scene.source)'; for i in $(seq 20); do head -c 100000 /dev/urandom > a$i; done")
      let backup = try TreelineProcess(["backup", scene.source, "\(disk.root)/d"], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      try disk.failWrites()
      try shell(
        """
        cd '\(scene.source)'; mkdir n; for i in $(seq 20); do head -c 100000 /dev/urandom > n/$i; done
        mv a1 n; echo more >> a2; rm a3; ln a4 n/a4; chmod 600 a5
        """)
      let failed = try treeline(["flush", "--timeout", "20s", scene.journal])
      #expect([1, 3, 4].contains(failed.exitCode), "\(failed)")
      #expect(try !errors(backup).isEmpty, "status does not tell")
      #expect(backup.isRunning, "\(backup.errorOutput)")
      disk.heal()
      try disk.remount()
      try expectExact(backup, scene, disk)
    }

    /// The disk is always ext4: debugfs(8) tells where on it there is nothing yet.
    @Test(arguments: Thoroughness.filesystems)
    func aDiskWithABadPlaceIsToldByObjectAndTheRestGoesOn(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      guard let disk = try disk("a disk with a bad place") else { return }
      // What the rest needs on the disk is there before it is bad somewhere: a directory, and later names in it.
      try shell("mkdir '\(disk.root)/d' '\(scene.source)/e'; echo f > '\(scene.source)/f'")
      let backup = try TreelineProcess(["backup", scene.source, "\(disk.root)/d"], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      // What the history log grows by is not to lie there either: the destination could not go on.
      try shell("for file in '\(disk.root)'/d/.treeline/history/*.tlj; do fallocate -n -l 1M \"$file\"; done")
      let bad = try freeRange(on: disk, bytes: 12 << 20)
      try disk.failWrites(at: bad)
      try shell("cd '\(scene.source)'; for i in $(seq 40); do head -c 1M /dev/urandom > $i; done; touch e/e; ln -s e e/l")
      let failed = try treeline(["flush", scene.journal])
      let told = try errors(backup).count
      #expect(failed.exitCode == 3 && told > 0 && told < 40, "bad \(bad), \(told) told: \(failed)\n\(backup.errorOutput)")
      #expect(backup.state == "following", "\(backup.errorOutput)")
      #expect(access("\(disk.root)/d/e/l", F_OK) == 0, "the rest was not done")
      for index in 1...40 where access("\(disk.root)/d/\(index)", F_OK) == 0 {
        let compared = try run(["cmp", "\(scene.source)/\(index)", "\(disk.root)/d/\(index)"])
        #expect(compared.exitCode == 0, "\(compared)")
      }
      disk.heal()
      try expectExact(backup, scene, disk)
    }

    /// A part of the disk in which there is no directory and no file yet.
    private func freeRange(on disk: FaultyDisk, bytes: Int) throws -> Range<Int> {
      try shell("sync -f '\(disk.root)'")
      let used = try shell(
        """
        for inode in $(find '\(disk.root)' -type d -printf '%i\\n' -o -type f -printf '%i\\n'); do
          debugfs -R "blocks <$inode>" '\(disk.image)' 2>/dev/null; echo
        done
        """
      ).standardOutput.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      for start in stride(from: 12 << 20, to: (64 << 20) - bytes, by: 1 << 20) {
        let range = start..<start + bytes
        if !used.contains(where: { range.contains($0 * FaultyDisk.blockBytes) }) { return range }
      }
      throw TestSupportError("files lie everywhere on the disk: \(used)")
    }

    /// Limits on a btrfs subvolume hold for root too, and those of other filesystems do not: the destination is
    /// always one.
    @Test(arguments: Thoroughness.filesystems)
    func aQuotaThatIsReachedIsToldAndFlushFinishesWhenItIsRaised(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      if let reason = Filesystem.reasonToSkip(.btrfs) { return announceSkip("a quota", because: reason) }
      let limited = try Filesystem(.btrfs, bytes: 512 << 20)
      let destination = limited["d"]
      try shell(
        """
        btrfs quota enable '\(limited.root)'; btrfs subvolume create '\(destination)'
        btrfs qgroup limit 8M '\(destination)'
        cd '\(scene.source)'; for i in $(seq 16); do head -c 1M /dev/urandom > $i; done
        """)
      let backup = try TreelineProcess(["backup", scene.source, destination], journal: scene.journal)
      try backup.waitUntilReady()
      let failed = try treeline(["flush", scene.journal])
      #expect([1, 3, 4].contains(failed.exitCode), "\(failed)")
      #expect(try !errors(backup).isEmpty, "status does not tell")
      #expect(backup.errorOutput.contains("quota"), "\(backup.errorOutput)")
      for index in 1...16 where access("\(destination)/\(index)", F_OK) == 0 {
        #expect(try run(["cmp", "\(scene.source)/\(index)", "\(destination)/\(index)"]).exitCode == 0)
      }
      // Not through the subvolume: that takes a little of its quota, too.
      try shell(
        "id=$(btrfs inspect-internal rootid '\(destination)'); btrfs qgroup limit none 0/$id '\(limited.root)'")
      let done = try eventually(within: .seconds(20)) { try treeline(["flush", scene.journal]).exitCode == 0 }
      #expect(done, "\(backup.errorOutput)")
      #expect(try difference(between: scene.source, and: destination) == nil)
      #expect(try backup.terminate() == 0)
    }

    @Test func aSourceOnFUSEIsWatchedByItsDirectories() throws {
      guard let disk = try disk("a source on FUSE", bytes: 8 << 20) else { return }
      let scene = try Scene(.ext4)
      let arguments = ["backup", "--once", disk.carrier, scene.destination, "--journal", scene.journal]
      let refused = try treeline(arguments + ["--mark", "filesystem"])
      #expect(refused.exitCode == 1 && refused.standardError.contains("--mark inode"), "\(refused)")
      #expect(try entryCount(scene.destination) == 0)
      #expect(access(scene.journal, F_OK) != 0, "a journal was made")
      let doctor = try treeline(["doctor", disk.carrier])
      #expect(doctor.exitCode == 0 && doctor.standardOutput.contains("inode mark: reports all but"), "\(doctor)")
      let done = try treeline(arguments)
      #expect(done.exitCode == 0 && done.standardError.contains("each directory is, one by one"), "\(done)")
      #expect(try difference(between: disk.carrier, and: scene.destination) == nil)
    }
  }
}
