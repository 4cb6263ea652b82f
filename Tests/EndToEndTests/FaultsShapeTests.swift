import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Trees of unusual shape: deep, with long paths, wide.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsShapeTests {

    /// 2,000 directories in one another; and 24 with long names, whose paths are beyond PATH_MAX.
    @Test(arguments: sourceKinds)
    func depthIsNoBound(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let long = String(repeating: "long", count: 60)
      let build = "perl -e 'for (1..$ARGV[1]) { mkdir $ARGV[0]; chdir $ARGV[0] or die } open F, \">f\"; print F $ARGV[2]' "
      try shell("cd '\(scene.source)'; \(build) d 1000 deep; \(build) \(long) 24 long")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      // Deeper, and longer, while it runs; a rename near the top moves all that is below.
      try shell("cd '\(scene.source)'; \(build) d 2000 deeper; \(build) \(long) 30 longer; mv d e; mv '\(long)' short; mv short/* e/")
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      try shell("cd '\(scene.source)'; \(build) e/d 1 x; rm -rf e/d/d")
      try scene.expectExact(backup, "\(kind)")
    }

    /// `TREELINE_FULL=1`: a million names in one directory, while others come and go.
    @Test func aDirectoryOfManyNamesIsReadWhileItChanges() throws {
      let count = Thoroughness.isFull ? 1_000_000 : 30_000
      // ext4 has an inode for each 16 KiB.
      let scene = Thoroughness.isFull ? try Scene(.ext4, bytes: 48 << 30) : try Scene(.ext4)
      try shell(
        "mkdir '\(scene.source)/d'; cd '\(scene.source)/d'; seq \(count) | xargs -n 5000 touch; ln 1 one", timeout: .seconds(600))
      let storm = try Child([Products.tool("storm"), "keep", scene.source, "1", "\(count / 10)"])
      let backup = try scene.backup()
      let renaming = try Child([
        "bash", "-euc", "cd '\(scene.source)/d'; for i in $(seq 10 10 \(count / 10)); do mv $i moved-$i; done",
      ])
      // Listened to all the while: the socket holds some ten messages, and one that finds no room there is lost.
      try backup.waitUntilReady(timeout: .seconds(600))
      #expect(renaming.wait(timeout: .seconds(600)) == 0)
      #expect(storm.wait(timeout: .seconds(120)) == 0)
      try backup.flush(timeout: .seconds(600))
      let resident = try backup.residentKiB()
      #expect(resident < (64 << 10) + count * 300 / 1024, "\(resident) KiB resident")
      try scene.expectExact(backup, "\(count) names")
    }

    /// A directory is renamed again and again while its files are written.
    @Test(arguments: sourceKinds)
    func aDirectoryIsRenamedWhileItsFilesAreWritten(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let files = Thoroughness.isFull ? 10_000 : 2_000
      try shell("mkdir '\(scene.source)/d0'; cd '\(scene.source)/d0'; for i in $(seq \(files)); do echo $i > $i; done")
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      let writer = try Child(["bash", "-euc", "cd '\(scene.source)/d0'; for i in $(seq \(files)); do echo more >> $i; done"])
      try shell("cd '\(scene.source)'; mkdir in; for i in $(seq 60); do mv d$((i - 1)) in/d; mv in/d d$i; done")
      #expect(writer.wait(timeout: .seconds(60)) == 0)
      try scene.expectExact(backup, "\(kind)")
    }
  }
}
