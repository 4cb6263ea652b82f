import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Subvolumes and snapshots: one policy in the scan and in events.
  @Suite(.enabled(if: canInjectFaults && Filesystem.reasonToSkip(.btrfs) == nil, "needs root and btrfs"))
  struct BtrfsTests {
    /// A source that is a subvolume, or lies in one, and a place outside it on the same filesystem.
    private struct SubvolumeScene {
      let own: Filesystem
      let scene: Scene
      var source: String
      var journal: String { scene.journal }

      init(_ source: String = "volume/source") throws {
        own = try Filesystem(.btrfs)
        scene = try Scene(.ext4, bytes: 1 << 30)
        self.source = own[source]
        try shell(
          """
          cd '\(own.root)'; btrfs -q subvolume create volume; mkdir -p '\(self.source)' outside; cd '\(self.source)'
          mkdir d; echo f > d/f; ln d/f d/hard; ln -s f d/link
          btrfs -q subvolume create nested; echo n > nested/n; mkdir nested/e
          """)
      }

      func backup(_ options: [String] = []) throws -> TreelineProcess {
        try TreelineProcess(["backup", source, scene.destination] + options, journal: scene.journal)
      }

      func expectEqual(_ context: String) throws {
        let verify = try treeline(["verify", "--checksum", source, scene.destination])
        #expect(verify.exitCode == 0, "\(context): \(verify)")
      }
    }

    @Test func aSourceInsideASubvolumeIsFollowed() throws {
      let own = try SubvolumeScene()
      let backup = try own.backup(["--who"])
      try backup.waitUntilReady()
      try shell(
        """
        cd '\(own.source)'; echo more >> d/f; mv d/hard moved; mkdir -p a/b; echo x > a/b/x; mv nested/e a/..; rm -r nested/n || true
        truncate -s 10 a/b/x; chmod 600 moved; mv d ../../outside/gone; echo in > ../../outside/in; mv ../../outside/in . || cp ../../outside/in .
        """)
      try backup.flush()
      try own.expectEqual("after changes")
      #expect(try backup.terminate() == 0)
      // What happened while nobody looked.
      try shell("cd '\(own.source)'; mv a renamed; echo y > nested/y; rm moved")
      let again = try treeline(["backup", "--once", own.source, own.scene.destination, "--journal", own.journal])
      #expect(again.exitCode == 0 && again.standardError.contains("copied 1 object,"), "\(again)")
      try own.expectEqual("after a restart")
    }

    /// Each of the commands is one that makes, takes away or moves a whole subvolume.
    @Test func subvolumesAndSnapshotsComeAndGoAsDirectories() throws {
      let own = try SubvolumeScene("volume")
      let backup = try own.backup(["--max-delete", "100"])
      try backup.waitUntilReady()
      try backup.flush()
      for script in [
        "btrfs -q subvolume create made; echo m > made/m; mkdir -p made/deep/er; echo d > made/deep/er/d",
        "btrfs -q subvolume snapshot made copy; echo c > copy/c",
        "btrfs -q subvolume snapshot -r nested kept; btrfs -q subvolume snapshot made made/inside; echo i > made/inside/i",
        "btrfs -q subvolume snapshot . ../outside/all; mv ../outside/all all; echo changed > all/d/f",
        "mv made moved; echo x > moved/x; mv nested moved/nested; mv moved/nested/n .",
        "btrfs -q subvolume delete copy; btrfs -q subvolume delete all; rm -r moved/deep",
        "mv moved/nested ../outside/away; echo late > ../outside/away/late; mv ../outside/away back",
      ] {
        try shell("cd '\(own.source)'; \(script)")
        try backup.flush()
        try own.expectEqual(script)
      }
      #expect(try backup.terminate() == 0)
      let after = try treeline(["backup", "--once", own.source, own.scene.destination, "--journal", own.journal])
      #expect(after.exitCode == 0 && after.standardError.contains("copied 0 objects,"), "\(after)")
      try own.expectEqual("after a restart")
    }

    /// They have one handle between them and no content, so nothing can be said of them.
    @Test func placeholdersOfNestedSubvolumesAreLeftOut() throws {
      let own = try SubvolumeScene("volume")
      try shell("cd '\(own.source)'; btrfs -q subvolume create two; btrfs -q subvolume snapshot . ../outside/s; mv ../outside/s before")
      let backup = try own.backup()
      try backup.waitUntilReady()
      try shell("cd '\(own.source)'; btrfs -q subvolume snapshot . ../outside/s; mv ../outside/s during; rmdir during/two")
      try backup.flush()
      try own.expectEqual("with placeholders")
      for name in ["before/nested", "before/two", "during/nested"] {
        #expect(access("\(own.source)/\(name)", F_OK) == 0)
        #expect(access("\(own.scene.destination)/\(name)", F_OK) != 0, "\(name) was copied")
      }
      #expect(try backup.terminate() == 0)
    }

    @Test func aSubvolumeIsFoundThroughAMountOfItsOwn() throws {
      let own = try SubvolumeScene("volume")
      let elsewhere = try TemporaryDirectory()
      let mount = elsewhere["mount"]
      try shell("mkdir '\(mount)'; umount '\(own.own.root)'; mount -o loop,subvol=volume '\(own.own.image)' '\(mount)'; mount -o remount,ro '\(mount)'")
      defer { _ = try? run(["umount", "-l", mount]) }
      let backup = try TreelineProcess(["backup", mount, own.scene.destination], journal: own.journal)
      try backup.waitUntilReady()
      #expect(try shell("findmnt -no FS-OPTIONS '\(mount)'").standardOutput.contains("ro,"), "it was made writable")
      try shell("mount -o remount,rw '\(mount)'; echo late > '\(mount)/late'")
      try backup.flush()
      #expect(access("\(own.scene.destination)/late", F_OK) == 0)
      #expect(try treeline(["verify", mount, own.scene.destination]).exitCode == 0)
      #expect(try backup.terminate() == 0)
    }

    @Test func aJournalInANestedSubvolumeOfTheSourceIsLeftOut() throws {
      let own = try SubvolumeScene("volume")
      let journal = "\(own.source)/nested/journal"
      let backup = try TreelineProcess(["backup", own.source, own.scene.destination], journal: journal)
      try backup.waitUntilReady()
      try backup.flush()
      #expect(access("\(own.scene.destination)/nested/n", F_OK) == 0)
      #expect(access("\(own.scene.destination)/nested/journal", F_OK) != 0)
      #expect(try backup.terminate() == 0)
    }

    @Test func aSubvolumeThatIsDeletedIsNoDeletionOfItsFiles() throws {
      let own = try SubvolumeScene("volume")
      let backup = try own.backup()
      try backup.waitUntilReady()
      try backup.flush()
      try shell("cd '\(own.own.root)'; btrfs -q subvolume delete volume/nested; btrfs -q subvolume delete volume")
      let noticed = eventually(within: .seconds(8)) { ["halted", "offline", "silent"].contains(backup.state) }
      #expect(noticed, "\(backup.state) \(backup.errorOutput)")
      #expect(access("\(own.scene.destination)/d/f", F_OK) == 0, "\(backup.errorOutput)")
      _ = try backup.terminate()
    }

    @Test func theMountOfASubvolumeIsRefusedWithWhatWorks() throws {
      let own = try SubvolumeScene()
      // The second is no subvolume, and holds one.
      for source in [own.source, own.own.root] {
        let refused = try treeline([
          "backup", "--once", source, own.scene.destination, "--journal", own.journal, "--mark", "mount",
        ])
        #expect(refused.exitCode == 1 && refused.standardError.contains("--mark filesystem"), "\(refused)")
        try shell("rm -rf '\(own.journal)'")
      }
    }
  }
}
