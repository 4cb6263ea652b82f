import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// A source that is mounted again, restored, or on another disk is never recopied for that, and never
  /// taken for one that was emptied.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct SourceChangeTests {
    private static let kinds = Filesystem.Kind.allCases.filter { Filesystem.reasonToSkip($0) == nil }

    private func populate(_ source: String) throws {
      try shell(
        """
        cd '\(source)'; mkdir -p a/b; for i in $(seq 150); do echo $i > a/b/$i; done; ln a/b/1 a/hard; ln -s b a/link
        mkfifo a/fifo; touch -d '2020-01-01 00:00:00.123456789' a/b/*; setfattr -n user.x -v y a/b/2
        """)
    }

    /// The inodes of files at the destination: one that was copied again is another.
    private func inodes(_ scene: Scene) throws -> String {
      try shell("cd '\(scene.destination)'; find . -name .treeline -prune -o -type f -printf '%P %i\\n' | sort").standardOutput
    }

    private func backUp(_ source: String, _ scene: Scene, _ options: [String] = []) throws -> CommandOutput {
      try treeline(["backup", "--once", source, scene.destination, "--journal", scene.journal] + options)
    }

    /// What a burst left is compared after a restart, for it may differ though it shows the same time; what is
    /// known to have changed does not wait for that.
    @Test func afterARestartWhatChangedGoesBeforeWhatIsOnlyDoubted() throws {
      guard let scene = try Scene.ifPossible(.ext4) else { return }
      let options = ["backup", scene.source, scene.destination, "--settle", "0"]
      let first = try TreelineProcess(options, journal: scene.journal)
      try first.waitUntilReady()
      try shell("cd '\(scene.source)'; for i in $(seq 2000); do echo $i > $i; done")
      try first.flush()
      #expect(try first.terminate() == 0)
      try shell("cd '\(scene.source)'; echo changed > 7; mv 8 eight; rm 9")
      let second = try TreelineProcess(options, journal: scene.journal)
      try second.waitUntilReady()
      try second.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try second.terminate() == 0)
      let shown = try treeline(["journal", "show", "--json", scene.journal]).standardOutput.split(separator: "\n")
      let changes = try shown.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
      let scan = try #require(changes.last { $0["op"] as? String == "rescan" }?["seq"] as? Int)
      func paths(_ op: String, _ commits: (Int) -> Bool) -> [String] {
        changes.filter { $0["op"] as? String == op && commits($0["seq"] as? Int ?? 0) }
          .compactMap { $0["path"] as? String }
      }
      // A rename moves the ctime as well.
      #expect(Set(paths("write") { $0 == scan }) == ["7", "eight"])
      #expect(paths("rename") { $0 == scan } == ["eight"])
      #expect(paths("remove") { $0 == scan } == ["9"])
      #expect(Set(paths("write") { $0 > scan }).count > 1_900, "nothing was left to be compared: the test shows nothing")
    }

    /// xfs has another id then, and a device another number.
    @Test(arguments: kinds.filter { $0 != .tmpfs })
    func aRemountCostsNoCopy(kind: Filesystem.Kind) throws {
      let scene = try Scene(.ext4)
      let own = try Filesystem(kind)
      try populate(own.root)
      let first = try backUp(own.root, scene)
      #expect(first.exitCode == 0, "\(first)")
      let before = try inodes(scene)
      let fsid = try shell("stat -fc %i '\(own.root)'").standardOutput
      // Another image takes the device's number meanwhile, where no other test has it already.
      let other = try TemporaryDirectory()
      try shell(
        """
        held=$(findmnt -nro SOURCE '\(own.root)'); truncate -s 1M '\(other["image"])'; umount '\(own.root)'
        losetup $held '\(other["image"])' || held=
        mount -o loop '\(own.image)' '\(own.root)'; test -z "$held" || losetup -d $held; echo late > '\(own["late"])'
        """)
      if kind == .xfs { #expect(try shell("stat -fc %i '\(own.root)'").standardOutput != fsid) }
      let again = try backUp(own.root, scene)
      #expect(again.exitCode == 0 && again.standardError.contains("copied 1 object,"), "\(again)")
      try shell("rm '\(scene.destination)/late'")
      #expect(try inodes(scene) == before)
    }

    /// With new handles everywhere, as after a restore or on another disk, and always on tmpfs.
    @Test(arguments: kinds)
    func aRestoredSourceIsTakenOverByPathAndAttributes(kind: Filesystem.Kind) throws {
      let scene = try Scene(.ext4)
      let elsewhere = try TemporaryDirectory()
      let source = elsewhere["source"]
      let old = try Filesystem(kind)
      try populate(old.root)
      try shell("ln -s '\(old.root)' '\(source)'")
      let first = try backUp(source, scene)
      #expect(first.exitCode == 0, "\(first)")
      let before = try inodes(scene)
      let new = try Filesystem(kind)
      try shell("cp -a '\(old.root)/.' '\(new.root)'; ln -sfn '\(new.root)' '\(source)'; echo news > '\(new["a/b/150"])'; rm '\(new["a/b/149"])'")
      let refused = try backUp(source, scene)
      #expect(refused.exitCode == 6 && refused.standardError.contains("--adopt times"), "\(refused)")
      #expect(try inodes(scene) == before)
      let taken = try backUp(source, scene, ["--adopt", "times"])
      #expect(taken.exitCode == 0, "\(taken)")
      #expect(try difference(between: new.root, and: scene.destination) == nil)
      let after = try Set(inodes(scene).split(separator: "\n"))
      let kept = after.intersection(before.split(separator: "\n").map { $0 })
      #expect(kept.count == after.count - 1, "\(after.subtracting(kept))")
      // What the source has no more is not deleted, and the former journal can be read.
      #expect(try shell("find '\(scene.destination)/.treeline/foreign' -name '*149*'").standardOutput.contains("149"))
      #expect(try treeline(["journal", "verify", "\(scene.journal).1"]).exitCode == 0)
      let settled = try backUp(source, scene)
      #expect(settled.exitCode == 0 && settled.standardError.contains("copied 0 objects,"), "\(settled)")
    }

    @Test(arguments: Thoroughness.filesystems)
    func anEmptySourceIsNotTakenOver(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let own = try Filesystem(kind, bytes: 512 << 20)
      try populate(own.root)
      #expect(try backUp(own.root, scene).exitCode == 0)
      let before = try inodes(scene)
      own.unmount()
      for _ in 0..<2 {
        let refused = try backUp(own.root, scene, ["--adopt", "times"])
        #expect(refused.exitCode == 6 && refused.standardError.contains("entries"), "\(refused)")
        #expect(try inodes(scene) == before)
        try shell("mkdir -p '\(own.root)/lost+found'; echo f > '\(own.root)/f'")
      }
    }

    @Test func aTmpfsThatIsMountedAgainWhileItIsFollowedIsWaitedFor() throws {
      let scene = try Scene(.ext4)
      let own = try Filesystem(.tmpfs, bytes: 64 << 20)
      try populate(own.root)
      let backup = try TreelineProcess(["backup", own.root, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      let before = try inodes(scene)
      try shell("mount -o remount,size=32M '\(own.root)'")
      #expect(backup.state == "following")
      try shell("umount -l '\(own.root)'; mount -t tmpfs t '\(own.root)'; echo f > '\(own["f"])'")
      #expect(eventually(within: .seconds(3)) { backup.state == "offline" }, "\(backup.errorOutput)")
      #expect(try inodes(scene) == before)
      _ = try backup.terminate()
    }

    /// Their handles have no generation, and open whatever file has the inode number now. On ext4 alone: mkfs of
    /// xfs and btrfs give what they copy into an image a generation as any other.
    @Test func aFileOfAnImageThatWasMadeWithItsContentIsNotTakenForItsSuccessor() throws {
      let scene = try Scene(.ext4)
      let own = try TemporaryDirectory()
      let source = own["mount"]
      defer { _ = try? run(["umount", "-l", source]) }
      try shell(
        """
        cd '\(own.path)'; mkdir mount tree; for i in 1 2 3 4; do echo $i > tree/$i; mkdir tree/d$i; echo in > tree/d$i/in; done
        mke2fs -q -t ext4 -d tree image 64M; mount -o loop image mount; rmdir mount/lost+found
        """)
      let backup = try TreelineProcess(["backup", source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try difference(between: source, and: scene.destination) == nil)
      // Each takes the inode number of what was removed just before.
      let reuse = """
        cd '\(source)'; old=$(stat -c %i NAME); rm -r NAME
        for i in $(seq 200); do echo new > try; new=$(stat -c %i try); [ $new = $old ] && break; mv try other$i; done
        [ $new = $old ]; mv try NAME.new
        """
      try shell(reuse.replacingOccurrences(of: "NAME", with: "1"))
      try backup.flush()
      #expect(try difference(between: source, and: scene.destination) == nil, "while it was followed")
      #expect(try backup.terminate() == 0)
      try shell(reuse.replacingOccurrences(of: "NAME", with: "2"))
      try shell("cd '\(source)'; old=$(stat -c %i d3); rm -r d3; mkdir d3.new; mv d4 d3; echo more > 3")
      let again = try backUp(source, scene)
      #expect(again.exitCode == 0, "\(again)")
      #expect(try difference(between: source, and: scene.destination) == nil, "after a restart")
    }

    @Test(arguments: Thoroughness.filesystems)
    func anOverlayWithHandlesIsFollowed(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let own = try Filesystem(kind, bytes: 512 << 20)
      let mount = own["mount"]
      try shell(
        """
        cd '\(own.root)'; mkdir lower upper work mount; mkdir -p lower/d/e; echo f > lower/d/f; ln lower/d/f lower/d/hard; echo u > upper/u
        mount -t overlay o -o lowerdir=lower,upperdir=upper,workdir=work,nfs_export=on,index=on mount
        """)
      defer { _ = try? run(["umount", "-l", mount]) }
      let backup = try TreelineProcess(["backup", mount, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      for script in [
        "echo copied-up >> d/f; chmod 600 u; echo new > new; mkdir -p x/y; echo y > x/y/y",
        "rm d/hard; mv x d/x; ln d/f d/again; truncate -s 3 d/f; setfattr -n user.a -v b new",
        "rm -r d; mkdir d; echo other > d/f; mv u d/u",
      ] {
        try shell("cd '\(mount)'; \(script)")
        try backup.flush()
        #expect(try difference(between: mount, and: scene.destination) == nil, "\(script)")
      }
      #expect(try backup.terminate() == 0)
      try shell("umount '\(mount)'; cd '\(own.root)'; mount -t overlay o -o lowerdir=lower,upperdir=upper,workdir=work,nfs_export=on,index=on mount; echo late > mount/late")
      let again = try backUp(mount, scene)
      #expect(again.exitCode == 0, "\(again)")
      #expect(try difference(between: mount, and: scene.destination) == nil)
    }
  }
}
