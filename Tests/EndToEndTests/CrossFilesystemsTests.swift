import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// `--cross-filesystems`: what is mounted inside the source is a part of it.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct CrossFilesystemsTests {
    private static let operations = Thoroughness.isFull ? 10_000 : 500
    private static let kinds: [Filesystem.Kind] = [.ext4, .xfs, .tmpfs]

    // MARK: Random changes

    /// Random changes on both filesystems at once, a quarter of them while the backup is dead.
    @Test(arguments: kinds)
    func randomChangesOnTwoFilesystemsAtOnceEndEqual(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("\(kind) inside", because: reason) }
      let seed = Thoroughness.seed()
      let context = "\(kind) inside ext4, TREELINE_SEED=\(seed)"
      print(context)
      let own = try MountedScene(kind)
      // A store into a mapping leaves no trace on tmpfs.
      let blind = kind == .tmpfs ? ["--without", "map"] : []
      func workload(_ root: String, _ outside: String, _ seed: UInt64, _ more: [String]) throws -> WorkloadProcess {
        try WorkloadProcess(
          [
            "run", "--root", root, "--outside", outside, "--seed", "\(seed)", "--operations",
            "\(Self.operations)", "--progress", "\(Self.operations / 4)", "--gated",
          ] + more)
      }
      let first = try own.backup(["--max-delete", "100"])
      try first.waitUntilReady()
      let workloads = [
        try workload("\(own.source)/own", own.scene.outside, seed, []),
        try workload(own.inside, own.other["outside"], seed, blind),
      ]
      func quarter() {
        for workload in workloads {
          workload.untilStop("progress")
          workload.goOn()
        }
      }
      quarter()
      quarter()
      first.kill9()
      quarter()
      for workload in workloads { workload.untilStop("progress") }
      let again = try own.backup(["--max-delete", "100"])
      for workload in workloads {
        workload.goOn()
        try workload.finish()
      }
      try again.waitUntilReady()
      try again.flush()
      try own.expectVerified(context)
      try own.scene.expectExact(again, context)
    }

    // MARK: Coming and going

    /// On two fresh filesystems of one kind many objects have the very same handles.
    @Test(arguments: kinds)
    func whatIsMountedWhileItRunsIsFollowed(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("\(kind) inside", because: reason) }
      let own = try MountedScene(kind, isMounted: false)
      let backup = try own.backup()
      try backup.waitUntilReady()
      try backup.flush()
      try own.mount()
      try own.expectFollowed(backup)
      try shell(
        """
        cd '\(own.inside)'; echo more >> d/f; mkdir -p x/y; mv d x/y; ln x/y/d/f hard; echo n > ../own/n; rm ../own/f
        setfattr -n user.a -v b x; chmod 700 .
        """)
      try backup.flush()
      try own.expectEqual("after changes")
      let crossing = try run(["mv", "-n", "--no-copy", "\(own.inside)/hard", "\(own.source)/own/hard"])
      #expect(crossing.exitCode != 0)
      try shell("mv '\(own.inside)/hard' '\(own.source)/own/hard'; cp -a '\(own.source)/own' '\(own.inside)/copy'")
      try backup.flush()
      try own.expectEqual("after a move over the border")
      #expect(try backup.terminate() == 0)
      let once = try treeline(own.arguments(["--once"]) + ["--journal", own.scene.journal])
      #expect(once.exitCode == 0 && once.standardError.contains("copied 0 objects,"), "\(once)")
      try own.expectEqual("after a restart")
    }

    /// The destination keeps it, nothing halts, and what happened to it elsewhere arrives with it.
    @Test(arguments: [Filesystem.Kind.ext4, .xfs], ["runs", "is dead"])
    func whatIsUnmountedIsKeptUntilItIsBack(kind: Filesystem.Kind, during: String) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("\(kind) inside", because: reason) }
      let own = try MountedScene(kind)
      try shell("cd '\(own.inside)'; for i in {1..50}; do echo $i > kept$i; done; mkdir deep; cp kept* deep")
      var backup = try own.backup()
      try backup.waitUntilReady()
      try backup.flush()
      try own.expectVerified("before")
      if during == "is dead" { backup.kill9() }
      try own.unmountAll()
      if during == "is dead" {
        backup = try own.backup()
        try backup.waitUntilReady()
      }
      let isTold = eventually(within: .seconds(5)) { own.mounts(backup).contains { $0.contains("is away") } }
      #expect(isTold, "\(backup.errorOutput)")
      let isFree = eventually(within: .seconds(10)) {
        (try? succeed(["losetup", "-j", own.other.image]).standardOutput.isEmpty) == true
      }
      #expect(isFree, "the filesystem is still held")
      try shell("echo hidden > '\(own.inside)/hidden'; echo later > '\(own.source)/own/later'")
      let flushed = try backup.flush()
      #expect(!flushed.description.contains("halted"))
      #expect(backup.state == "following")
      for name in ["inside/kept50", "inside/deep/kept1", "inside/d/f", "own/later"] {
        #expect(access("\(own.scene.destination)/\(name)", F_OK) == 0, "\(name) is gone")
      }
      #expect(access("\(own.scene.destination)/inside/hidden", F_OK) != 0)
      try own.expectVerified("while it is away")
      try shell("rm -r '\(own.inside)'")
      try backup.flush()
      #expect(access("\(own.scene.destination)/inside/kept50", F_OK) == 0, "the mount point is gone")
      try shell("mkdir '\(own.inside)'")
      try own.remount()
      try shell("cd '\(own.other["source"])'; rm kept1; mv kept2 moved; echo other > kept3; mv deep deeper; echo n > new")
      try own.mount()
      #expect(eventually(within: .seconds(5)) { own.mounts(backup).allSatisfy { !$0.contains("is away") } }, "\(backup.errorOutput)")
      try backup.flush()
      try own.expectEqual("when it is back")
      try own.expectVerified("when it is back")
      try shell("cd '\(own.inside)'; echo live > deeper/kept4; rm moved")
      try backup.flush()
      try own.scene.expectExact(backup, "after it was back")
      let said = try succeed([Products.treeline, "journal", "show", "--op", "mount", own.scene.journal]).standardOutput
      if during == "runs" { #expect(said.contains("\tunmounted ") && said.contains("\tmounted "), "\(said)") }
    }

    @Test func anotherFilesystemInThePlaceOfOneThatIsAwayIsAQuestion() throws {
      let own = try MountedScene(.ext4)
      let backup = try own.backup()
      try backup.waitUntilReady()
      try backup.flush()
      try shell("umount '\(own.inside)'; mount -t tmpfs t '\(own.inside)'; echo t > '\(own.inside)/t'")
      #expect(eventually(within: .seconds(10)) { backup.state == "halted" }, "\(backup.errorOutput)")
      #expect(access("\(own.scene.destination)/inside/d/f", F_OK) == 0)
      _ = try treeline(["resume", own.scene.journal])
      try backup.flush()
      try own.expectEqual("after resume")
      // What was in memory is gone with its mount. The next one mostly has its number, and looks like it in all.
      for round in 0..<10 {
        #expect(umount2(own.inside, Int32(MNT_DETACH)) == 0 && mount("t", own.inside, "tmpfs", 0, nil) == 0)
        try shell("echo u > '\(own.inside)/u\(round)'")
        try backup.flush()
        try own.expectEqual("after another tmpfs")
      }
      #expect(try backup.terminate() == 0)
    }

    /// It moves as a whole, with all that is known of it.
    @Test func aFilesystemThatIsMountedElsewhereInTheSourceMoves() throws {
      let own = try MountedScene(.ext4)
      try shell("mkdir '\(own.source)/elsewhere'; echo big > '\(own.inside)/big'")
      let backup = try own.backup()
      try backup.waitUntilReady()
      try backup.flush()
      let copied = try succeed(["stat", "-c", "%i", "\(own.scene.destination)/inside/big"]).standardOutput
      try shell("mount --bind '\(own.inside)' '\(own.source)/elsewhere'; umount '\(own.inside)'")
      #expect(eventually(within: .seconds(10)) { access("\(own.scene.destination)/elsewhere/big", F_OK) == 0 }, "\(backup.errorOutput)")
      try backup.flush()
      #expect(try succeed(["stat", "-c", "%i", "\(own.scene.destination)/elsewhere/big"]).standardOutput == copied)
      try shell("umount '\(own.source)/elsewhere'; mount --bind '\(own.other["source"])' '\(own.inside)'")
      #expect(eventually(within: .seconds(10)) { access("\(own.scene.destination)/inside/big", F_OK) == 0 }, "\(backup.errorOutput)")
      try backup.flush()
      try own.expectEqual("after it was moved back")
      #expect(try backup.terminate() == 0)
    }

    // MARK: What is followed

    @Test func mountsInsideMountsAndSubtreesOfOneFilesystemAreFollowed() throws {
      let own = try MountedScene(.ext4)
      try shell(
        """
        cd '\(own.source)'; mkdir inside/nested own/second; mount -t tmpfs t inside/nested; mkdir inside/nested/deep
        mount --bind '\(own.other["outside"])' inside/nested/deep; mount --bind '\(own.other["source"])/d' own/second
        echo deep > inside/nested/deep/f; echo second >> own/second/f
        """)
      defer { _ = try? shell("cd '\(own.source)'; umount -l own/second inside/nested/deep inside/nested") }
      let backup = try own.backup()
      try backup.waitUntilReady()
      try backup.flush()
      try own.expectEqual("at the start")
      try shell(
        """
        cd '\(own.source)'; echo more >> inside/nested/deep/f; echo more >> own/second/f; mkdir -p inside/nested/n/m
        mv inside/nested/deep/f inside/nested/deep/g; mv own renamed; echo y > renamed/second/y
        """)
      try backup.flush()
      try own.expectEqual("after changes")
      try own.expectVerified("after changes")
      try shell("mv '\(own.source)/renamed' '\(own.source)/own'")
      try backup.flush()
      try own.scene.expectExact(backup, "after a rename above a mount point")
    }

    @Test func whatIsOnNoDiskAndTheDestinationAreLeftOut() throws {
      let own = try MountedScene(.ext4)
      let place = try Filesystem(.ext4, bytes: 512 << 20)
      try shell(
        """
        cd '\(own.source)'; mkdir p d b; echo under > d/under; mkdir '\(place["to"])'; touch b/file
        mount -t proc p p; mount --bind '\(place.root)' d; mount --bind '\(own.inside)/d/f' b/file
        """)
      defer { _ = try? shell("cd '\(own.source)'; umount -l p d b/file") }
      let backup = try TreelineProcess(
        ["backup", "--cross-filesystems", own.source, place["to"]], journal: own.scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      #expect(access("\(place["to"])/p/self", F_OK) != 0)
      #expect(access("\(place["to"])/d/to", F_OK) != 0)
      #expect(access("\(place["to"])/inside/d/f", F_OK) == 0)
      let told = own.mounts(backup)
      #expect(told.filter { $0.contains("left out") }.count == 3 && told.contains { $0.contains("the destination is on it") }, "\(told)")
      #expect(try backup.terminate() == 0)
    }

    /// The mounted files leave the backup as what a changed exclude list leaves out does.
    @Test func withoutTheOptionTheyLeaveAndItIsSaid() throws {
      let own = try MountedScene(.ext4)
      var backup = try own.backup()
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try backup.terminate() == 0)
      backup = try own.scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      #expect(backup.errorOutput.contains("not followed any more"), "\(backup.errorOutput)")
      #expect(access("\(own.scene.destination)/inside/d", F_OK) != 0)
      let verify = try treeline(["verify", "--journal", own.scene.journal, own.source, own.scene.destination])
      #expect(verify.exitCode == 0, "\(verify)")
      #expect(try backup.terminate() == 0)
    }

    @Test func itNeedsAMarkOfTheFilesystem() throws {
      let own = try MountedScene(.ext4)
      let refused = try treeline(own.arguments(["--mark", "inode", "--once"]) + ["--journal", own.scene.journal])
      #expect(refused.exitCode == 64 && refused.standardError.contains("--mark filesystem"), "\(refused)")
    }
  }
}

/// A scene with a directory of another filesystem mounted at `inside` in its source.
private final class MountedScene {
  let scene: Scene
  let other: Filesystem
  var source: String { scene.source }
  var inside: String { "\(scene.source)/inside" }

  init(_ kind: Filesystem.Kind, isMounted: Bool = true) throws {
    scene = try Scene(.ext4)
    other = try Filesystem(kind, bytes: 1 << 30)
    try shell(
      """
      mkdir '\(scene.source)/inside' '\(scene.source)/own'; echo own > '\(scene.source)/own/f'; echo under > '\(scene.source)/inside/under'
      cd '\(other.root)'; mkdir -p source/d outside; echo other > source/d/f; ln -s f source/d/link
      """)
    if isMounted { try mount() }
  }

  deinit { _ = try? run(["umount", "-l", inside]) }

  func mount() throws { try shell("mount --bind '\(other["source"])' '\(inside)'") }

  /// Unmounts the filesystem everywhere.
  func unmountAll() throws { try shell("umount '\(inside)'; umount '\(other.root)'") }

  func remount() throws { try shell("mount -o loop '\(other.image)' '\(other.root)'") }

  func arguments(_ options: [String]) -> [String] {
    ["backup", "--cross-filesystems", source, scene.destination] + options
  }

  func backup(_ options: [String] = []) throws -> TreelineProcess {
    try TreelineProcess(arguments(options), journal: scene.journal)
  }

  /// What `status` says of the mounts inside.
  func mounts(_ backup: TreelineProcess) -> [String] {
    ((try? backup.status())?["mounts"] as? [[String: Any]])?.compactMap { $0["message"] as? String } ?? []
  }

  func expectFollowed(_ backup: TreelineProcess) throws {
    let isFollowed = eventually(within: .seconds(5)) { mounts(backup).contains { $0.contains("followed") } }
    #expect(isFollowed, "\(backup.errorOutput)")
    try backup.flush()
    try expectEqual("after it was mounted")
  }

  func expectEqual(_ context: String) throws {
    let found = try difference(between: source, and: scene.destination)
    #expect(found == nil, "\(context)")
  }

  func expectVerified(_ context: String) throws {
    let verify = try treeline(["verify", "--checksum", "--journal", scene.journal, source, scene.destination])
    #expect(verify.exitCode == 0, "\(context): \(verify)")
  }
}
