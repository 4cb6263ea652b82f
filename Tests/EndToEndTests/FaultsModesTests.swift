import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What modes and flags forbid to others is copied; what a flag forbids to root as well is told.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsModesTests {
    @Test(arguments: sourceKinds)
    func closedAndImmutableThingsAreCopied(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      defer { _ = try? run(["chattr", "-R", "-i", "-a", scene.filesystem.root]) }
      try shell(
        """
        cd '\(scene.source)'; mkdir closed fixed; echo in > closed/in; echo in > fixed/in; echo f > f; echo l > log; echo 0 > none
        chmod 000 closed none; chattr +i fixed f fixed/in; chattr +a log
        """)
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      /// Nothing tells of flags but a look.
      func flushAll() throws {
        let flush = try treeline(["flush", "--sweep", scene.journal])
        #expect(flush.exitCode == 0, "\(flush)")
      }
      try flushAll()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      try shell(
        """
        cd '\(scene.source)'; echo more >> log; echo more >> closed/in; mkdir closed/deep; chmod 000 closed/deep; echo d > closed/deep/d
        chattr -i f fixed; echo more >> f; mv fixed moved; chattr +i f moved
        """)
      try flushAll()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      // At the destination a flag keeps root out, too: it is told by name, and done when it is gone.
      try shell("chattr +i '\(scene.destination)/f' '\(scene.destination)/moved'")
      try shell("cd '\(scene.source)'; chattr -i f moved; echo last >> f; echo last > moved/last; echo x > x")
      let refused = try treeline(["flush", "--timeout", "20s", scene.journal])
      if refused.exitCode != 0 {
        #expect(refused.exitCode == 3 && refused.standardError.contains("f: "), "\(refused)")
        #expect(access("\(scene.destination)/x", F_OK) == 0, "the rest is done")
        try shell("chattr -i '\(scene.destination)/f' '\(scene.destination)/moved'")
        let healed = try eventually(within: .seconds(20)) { try treeline(["flush", scene.journal]).exitCode == 0 }
        #expect(healed, "\(backup.errorOutput.suffix(2000))")
      }
      try scene.expectExact(backup, "\(kind)")
    }
  }
}
