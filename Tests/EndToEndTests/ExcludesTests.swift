import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What is left out is not at the destination, and all else is.
  @Suite(.enabled(if: canInjectFaults, "it needs root, loop devices and the program"))
  struct ExcludesTests {
    private static let operations = Thoroughness.isFull ? 20_000 : 1_600
    /// About the names that the workload gives, so that much is left out and half of it by path.
    private static let patterns = [
      "/a", "b/", "**/c/**/x", "/d/*", "!/d/y", "n*5", "!tmp/n*5", "e/tmp", "[ex]/**/n*7", "/*/y/",
      "!**/x/y/n*1", "-*",
    ]
    /// Paths longer than git can be asked about.
    private static let without = ["make_long_chain"]

    enum Start: String, CaseIterable, Sendable { case before, killedInTheMiddle }

    private static let kinds: [Filesystem.Kind] =
      Thoroughness.isFull ? Filesystem.Kind.allCases : [.ext4, .xfs]

    @Test(arguments: kinds, Start.allCases)
    func theDestinationIsTheSourceWithoutWhatGitIgnores(
      kind: Filesystem.Kind, start: Start
    ) throws {
      if let reason = reasonToSkip(kind) {
        return announceSkip("exactness with excludes", because: reason)
      }
      let seed = Thoroughness.seed()
      let context = "\(kind), \(start.rawValue), TREELINE_SEED=\(seed)"
      print(context)
      let scene = try ExcludesScene(kind, Self.patterns)
      var backup = try scene.backup()
      try backup.waitUntilReady()
      let stops = start == .before ? 1 : 4
      let blind = kind == .tmpfs && start != .before ? ["map"] : []
      let workload = try WorkloadProcess(
        [
          "run", "--root", scene.scene.source, "--outside", scene.scene.outside, "--seed",
          "\(seed)", "--operations", "\(Self.operations)", "--progress",
          "\(Self.operations / stops)", "--gated",
        ] + (Self.without + blind).flatMap { ["--without", $0] })
      workload.goOn()
      if start == .killedInTheMiddle {
        workload.untilStop("progress")
        workload.untilStop("progress")
        workload.goOn()
        backup.kill9()
        workload.untilStop("progress")
        workload.goOn()
        workload.untilStop("progress")
        backup = try scene.backup()
        workload.goOn()
        try workload.finish()
        try backup.waitUntilReady()
      } else {
        try workload.finish()
      }
      try scene.expectExactAndStop(backup, context)
    }

    private func reasonToSkip(_ kind: Filesystem.Kind) -> String? {
      if findTool("git") == nil { return "git, the judge, is not installed" }
      return Filesystem.reasonToSkip(kind)
    }

    /// A scene that is backed up and flushed; nil when there is nothing to test with.
    private func running(
      _ lines: [String], _ script: String, _ options: [String] = []
    ) throws -> (ExcludesScene, TreelineProcess)? {
      if let reason = reasonToSkip(.ext4) {
        announceSkip("excludes", because: reason)
        return nil
      }
      let scene = try ExcludesScene(.ext4, lines)
      try shell("cd '\(scene.scene.source)'; \(script)")
      let backup = try scene.backup(options)
      try backup.waitUntilReady()
      try scene.expectExact(backup, "after the first scan")
      return (scene, backup)
    }

    private static let tree = """
      mkdir -p out/deep/er in/deep/er in/out
      for d in out out/deep out/deep/er in in/deep in/deep/er in/out; do
        for f in one two.o; do echo "$d/$f" >$d/$f; done
      done
      """

    @Test(arguments: [true, false])
    func whatMovesOverTheBorderArrivesAndDeparts(isRunning: Bool) throws {
      guard let (scene, first) = try running(["/out/", "*.o", "/in/out/one"], Self.tree) else {
        return
      }
      let source = scene.scene.source
      var backup = first
      let steps = [
        "mv in/deep out/was-in", "mv out/deep in/was-out", "mv in/one in/one.o",
        "mv in/two.o in/two.c", "mv out/one in/from-out", "mv in/from-out out/one",
        "mv in elsewhere", "mv elsewhere in", "mv out shown; mkdir out; mv shown/one out/",
        "mv in/was-out out/; mv out/was-out in/",  // there and back
        "mv in swap; mv out in; mv swap out", "mv in swap; mv out in; mv swap out",
        "ln in/two.c out/link; ln out/one in/link", "echo more >>out/link; echo more >>in/link",
        "rm in/two.c; rm out/one", "rm -r out; mkdir out; touch out/x", "mkdir in/new.o; touch in/new.o/x",
        "mv in/new.o in/new", "rm -r in/*",
        // A directory in what was beneath it, where that is left out, or not in the source any more.
        "mkdir -p in/up/on/down/low; touch in/up/u in/up/on/o in/up/on/down/d",
        "mv in/up/on/down out/; mv in/up/on out/down/; mv in/up out/down/on/",
        "mv out/down/on/up in/; mv out/down/on in/up/; mv out/down in/up/on/",
        "mv in/up/on/down ../outside/; mv in/up/on ../outside/down/; mv in/up ../outside/down/on/",
        "mv ../outside/down/on/up in/; mv ../outside/down/on in/up/; mv ../outside/down in/up/on/",
        "mv in/up/on/down in/deep; mv in/up/on in/deep/; mv in/up in/deep/on/",
      ]
      for step in steps {
        if !isRunning {
          #expect(try backup.terminate() == 0)
          try shell("cd '\(source)'; \(step)")
          backup = try scene.backup()
          try backup.waitUntilReady()
        } else {
          try shell("cd '\(source)'; \(step)")
        }
        try scene.expectExact(backup, step)
      }
      try scene.expectExactAndStop(backup, "after all steps")
    }

    /// The files of what was found nowhere would be owed for ever.
    @Test(arguments: ["out", "../outside"])
    func aDirectoryThatLiesInWhatWasBeneathItIsKnownToHaveDeparted(place: String) throws {
      let tree = "mkdir -p out up/on/down; touch up/u up/on/o up/on/down/d"
      guard let (scene, first) = try running(["/out/"], tree) else { return }
      #expect(try first.terminate() == 0)
      try shell(
        "cd '\(scene.scene.source)'; mv up/on/down \(place)/; mv up/on \(place)/down/; mv up \(place)/down/on/")
      let second = try scene.backup()
      try second.waitUntilReady()
      try shell("cd '\(scene.scene.source)/\(place)/down'; for f in d on/o on/up/u; do echo more >>$f; done")
      try scene.expectExact(second, "departed")
      try shell("cd '\(scene.scene.source)'; mv \(place)/down/on/up .; mv \(place)/down/on up/; mv \(place)/down up/on/")
      try scene.expectExactAndStop(second, "back again")
    }

    @Test func aDirectoryThatIsRenamedOverTheBorderOfItsContentsIsLookedAtAgain() throws {
      let lines = ["/a/*/x", "/b/**/y", "!/b/p/y"]
      let tree = """
        for d in a b c; do mkdir -p $d/p/q; for f in x y z; do touch $d/$f $d/p/$f $d/p/q/$f; done; done
        """
      guard let (scene, backup) = try running(lines, tree) else { return }
      for step in [
        "mv a t; mv b a; mv t b", "mv c/p d", "mv d b/r", "mv b/r a/r", "mv a/r/q a/q",
        "mv a b/a", "mv b a", "mv a/p a/o",
      ] {
        try shell("cd '\(scene.scene.source)'; \(step)")
        try scene.expectExact(backup, step)
      }
      try scene.expectExactAndStop(backup, "after all renames")
    }

    @Test func anExcludedTreeIsNeitherHeldNorLookedAt() throws {
      guard let (scene, backup) = try running(["/out/"], Self.tree) else { return }
      let before = try backup.status()
      let captured = before["captured"] as? Int
      try shell(
        "cd '\(scene.scene.source)/out/deep'; for i in $(seq 500); do echo $i >f$i; done; rm f*")
      try backup.flush()
      let after = try backup.status()
      #expect(
        (after["mirror"] as? [String: Any])?["nodes"] as? Int
          == (before["mirror"] as? [String: Any])?["nodes"] as? Int)
      #expect(after["captured"] as? Int == captured, "a commit was made for what is left out")
      #expect(try backup.terminate() == 0)
    }

    @Test func otherPatternsCountFromTheNextStart() throws {
      guard let (scene, first) = try running(["/out/"], Self.tree) else { return }
      #expect(try first.terminate() == 0)
      try scene.write(["/in/deep/", "two.o"])
      let second = try scene.backup()
      try second.waitUntilReady()
      try scene.expectExact(second, "other patterns")
      #expect(second.errorOutput.contains("8 names will be deleted"), "\(second.errorOutput)")
      #expect(second.errorOutput.contains("in/deep/"), "\(second.errorOutput)")
      #expect(try second.terminate() == 0)
      let third = try scene.backup()
      try third.waitUntilReady()
      #expect(!third.errorOutput.contains("what is left out has changed"))
      #expect(try third.terminate() == 0)
      // Without the option everything comes back, and verify knows from the journal.
      let fourth = try scene.scene.backup()
      try fourth.waitUntilReady()
      try scene.write([])
      try scene.expectExactAndStop(fourth, "nothing left out any more")
    }

    @Test func verifyKnowsFromTheJournal() throws {
      guard let (scene, backup) = try running(["/out/"], Self.tree) else { return }
      let arguments = ["verify", scene.scene.source, scene.scene.destination]
      let told = try treeline(arguments + ["--journal", scene.scene.journal])
      #expect(told.exitCode == 0, "\(told)")
      let untold = try treeline(arguments)
      #expect(untold.exitCode == 3, "\(untold)")
      #expect(untold.standardOutput.contains("out\t"), "\(untold)")
      #expect(try backup.terminate() == 0)
    }

    @Test func anOverflowBringsNothingBackThatIsLeftOut() throws {
      let place = "/proc/sys/fs/fanotify/max_queued_events"
      let before = try String(contentsOfFile: place, encoding: .utf8)
      try shell("echo 16 >\(place)")
      let made: (ExcludesScene, TreelineProcess)?
      do {
        // The limit is taken over when the group is made.
        defer { try? before.write(toFile: place, atomically: false, encoding: .utf8) }
        made = try running(["/out/", "*.o", "/a/*/x"], Self.tree)
      }
      guard let (scene, backup) = made else { return }
      backup.send(SIGSTOP)
      try shell(
        """
        cd '\(scene.scene.source)'
        for i in {1..300}; do touch out/f$i in/f$i in/f$i.o; done
        mkdir -p a/b/c; touch a/b/x a/x a/b/c/x; mv in/deep out/new; mv out/deep/er a/er; mv in/out a/y
        """)
      backup.send(SIGCONT)
      try scene.expectExact(backup, "after an overflow")
      #expect((try backup.status()["overflows"] as? Int ?? 0) > 0, "nothing overflowed")
      try scene.expectExactAndStop(backup, "after an overflow")
    }

    @Test func patternsThatTakeMostAwayHaltTheBackup() throws {
      let tree = "mkdir big; touch big/{1..400}; touch keep"
      guard let (scene, first) = try running([], tree) else { return }
      #expect(try first.terminate() == 0)
      let arguments = [
        "backup", "--once", scene.scene.source, scene.scene.destination, "--journal",
        scene.scene.journal, "--exclude", "/big",
      ]
      let halted = try treeline(arguments)
      #expect(halted.exitCode == 6, "\(halted)")
      #expect(halted.standardError.contains("401 names will be deleted"), "\(halted)")
      #expect(access("\(scene.scene.destination)/big/400", F_OK) == 0)
      let allowed = try treeline(arguments + ["--max-delete", "100"])
      #expect(allowed.exitCode == 0, "\(allowed)")
      #expect(access("\(scene.scene.destination)/big", F_OK) != 0)
      #expect(access("\(scene.scene.destination)/keep", F_OK) == 0)
    }

    @Test func cachesAreLeftEmptyButForTheirTag() throws {
      let signature = "Signature: 8a477f597d28d172789f06886806bc55"
      let tree = """
        mkdir -p cache/sub plain/sub; touch cache/sub/x plain/sub/x cache/y
        echo '\(signature)' >cache/CACHEDIR.TAG; echo other >plain/CACHEDIR.TAG
        """
      if let reason = reasonToSkip(.ext4) {
        return announceSkip("caches", because: reason)
      }
      let scene = try Scene(.ext4)
      try shell("cd '\(scene.source)'; \(tree)")
      let backup = try scene.backup(["--exclude-caches"])
      try backup.waitUntilReady()
      func expect(_ present: [String], _ absent: [String], _ context: String) throws {
        try backup.flush()
        for path in present {
          #expect(access("\(scene.destination)/\(path)", F_OK) == 0, "\(path), \(context)")
        }
        for path in absent {
          #expect(access("\(scene.destination)/\(path)", F_OK) != 0, "\(path), \(context)")
        }
        let verified = try treeline(
          ["verify", scene.source, scene.destination, "--exclude-caches", "--checksum"])
        #expect(verified.exitCode == 0, "\(verified) \(context)")
      }
      try expect(
        ["cache/CACHEDIR.TAG", "plain/CACHEDIR.TAG", "plain/sub/x"], ["cache/y", "cache/sub"],
        "first")
      try shell("cd '\(scene.source)'; mv cache/CACHEDIR.TAG plain/sub/")
      try expect(["cache/y", "cache/sub/x", "plain/sub/CACHEDIR.TAG"], ["plain/sub/x"], "moved")
      try shell("cd '\(scene.source)'; echo no >plain/sub/CACHEDIR.TAG")
      try expect(["plain/sub/x"], [], "overwritten")
      try shell("cd '\(scene.source)'; echo '\(signature)' >plain/CACHEDIR.TAG; touch plain/new")
      try expect(["plain/CACHEDIR.TAG"], ["plain/new", "plain/sub"], "tagged")
      try shell("cd '\(scene.source)'; rm plain/CACHEDIR.TAG; touch plain/newer")
      try expect(["plain/new", "plain/newer", "plain/sub/x"], [], "untagged")
      #expect(try backup.terminate() == 0)
    }

    @Test func aPatternFileThatIsMissingIsWrongUsage() throws {
      let output = try treeline(
        ["backup", "--exclude-from", "/nonexistent/patterns", "/tmp", "/nonexistent/d"])
      #expect(output.exitCode == 64, "\(output)")
    }
  }
}
