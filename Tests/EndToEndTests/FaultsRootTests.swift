import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// What happens to the directory itself that is the source, and above it.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsRootTests {
    @Test(arguments: sourceKinds, [
      "chmod 000 .", "touch -d '2001-02-03 04:05:06.789' .", "setfattr -n user.x -v 1 .",
      "setfacl -m u:5:rx -d -m u:6:r .", "chown 5:6 .",
    ])
    func aChangeOfTheRootItselfIsFollowed(kind: Filesystem.Kind, change: String) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("echo f > '\(scene.source)/f'")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      try shell("cd '\(scene.source)'; \(change)")
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil, "\(change)")
      // And what comes after it, also in a root that nobody may enter.
      try shell("echo g > '\(scene.source)/g'")
      try scene.expectExact(backup, "\(change), \(kind)")
    }

    @Test(arguments: Thoroughness.filesystems)
    func aParentThatIsRenamedIsNoticedAndFollowedWhenItIsBack(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let parent = scene.filesystem["parent"]
      try shell("mkdir -p '\(parent)/source/d'; cd '\(parent)/source'; for i in $(seq 50); do echo $i > d/$i; done")
      let backup = try TreelineProcess(["backup", "\(parent)/source", scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      try shell("mv '\(parent)' '\(parent).away'")
      let isNoticed = eventually(within: .seconds(8)) { backup.state == "offline" }
      #expect(isNoticed, "\(backup.state)\n\(backup.errorOutput)")
      #expect(try entryCount(scene.destination) == 51)
      // Another one of the same name does not take its place.
      try shell("mkdir -p '\(parent)/source'; echo other > '\(parent)/source/other'")
      sleep(3)  // what is measured is that nothing happens
      #expect(try entryCount(scene.destination) == 51)
      try shell(
        "cd '\(parent).away/source'; echo new > new; mv d e; rm -r '\(parent)'; mv '\(parent).away' '\(parent)'")
      let isFollowed = eventually(within: .seconds(20)) { backup.state == "following" }
      #expect(isFollowed, "\(backup.state)\n\(backup.errorOutput)")
      try backup.flush()
      #expect(try difference(between: "\(parent)/source", and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }
  }
}
