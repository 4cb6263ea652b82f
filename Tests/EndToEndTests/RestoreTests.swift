import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// Earlier moments come back from the destination alone.
  @Suite(.enabled(if: canInjectFaults, "it needs root, loop devices and the program"))
  struct RestoreTests {
    private static let operations = Thoroughness.isFull ? 6_000 : 900
    private static let stops = Thoroughness.isFull ? 30 : 6

    /// A copy of the source as it is when the destination equals it, and the commit that it is of.
    private struct Moment {
      var sequence: Int
      var copy: String
    }

    private func moment(_ scene: Scene, _ backup: TreelineProcess, _ number: Int) throws -> Moment {
      // Not the last commit that was applied: the sweep may have found since that a file's ctime moved without
      // an event, as setting its access time moves it, and then it counts as being written.
      let flushed = try JSONSerialization.jsonObject(with: Data(try backup.flush().standardOutput.utf8))
      let sequence = try #require((flushed as? [String: Any])?["sequence"] as? Int)
      let copy = scene.filesystem["moment-\(number)"]
      try succeed(["cp", "-a", scene.source, copy])
      return Moment(sequence: sequence, copy: copy)
    }

    /// Each moment equals what the destination gives back of it, without source and journal.
    private func expectAll(_ moments: [Moment], _ scene: Scene, _ context: String) throws {
      try shell("mv '\(scene.source)' '\(scene.source)-burned'; mv '\(scene.journal)' '\(scene.journal)-burned'")
      for (number, moment) in moments.enumerated() {
        let back = scene.filesystem["back-\(number)"]
        let restored = try treeline(
          ["restore", scene.destination, "--at", "\(moment.sequence)", "--to", back])
        #expect(restored.exitCode == 0, "\(restored) \(context)")
        let found = try difference(between: moment.copy, and: back, isDestination: false)
        #expect(found == nil, "moment \(number), commit \(moment.sequence), differs; \(context)")
      }
    }

    @Test(arguments: Filesystem.Kind.allCases)
    func everyFlushedMomentComesBackFromTheDestinationAlone(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) {
        return announceSkip("restoring on \(kind)", because: reason)
      }
      let seed = Thoroughness.seed()
      let context = "\(kind), TREELINE_SEED=\(seed)"
      print(context)
      let scene = try Scene(kind)
      var backup = try scene.backup()
      try backup.waitUntilReady()
      let workload = try WorkloadProcess([
        "run", "--root", scene.source, "--outside", scene.outside, "--seed", "\(seed)",
        "--operations", "\(Self.operations)", "--progress", "\(Self.operations / Self.stops)", "--gated",
        // Too deep for cp, the judge, which copies no flags; and what is stored into a mapping shows when the
        // file is closed.
        "--without", "make_long_chain", "--without", "flag", "--without", "map",
      ])
      var moments: [Moment] = []
      // It waits at each stop, the first of which is its start: nothing changes while a moment is kept.
      while workload.untilStop("progress") {
        moments.append(try moment(scene, backup, moments.count))
        if moments.count == Self.stops / 2 {
          backup.kill9()
          backup = try scene.backup()
          try backup.waitUntilReady()
        }
        workload.goOn()
      }
      try workload.finish()
      #expect(moments.count >= Self.stops, "\(context)")
      backup.kill9()
      try expectAll(moments, scene, context)
    }

    /// A tree that is kept while `script` changes it, one line after the other; each is a moment.
    private func kept(_ scene: Scene, _ lines: [String], _ options: [String] = []) throws -> [Moment] {
      let backup = try scene.backup(options)
      try backup.waitUntilReady()
      var moments: [Moment] = []
      for line in lines {
        try shell("cd '\(scene.source)'; \(line)")
        moments.append(try moment(scene, backup, moments.count))
      }
      #expect(try backup.terminate() == 0)
      return moments
    }

    /// Of a file with two names, which change with those of two others in the plan that brings it new content.
    @Test func whatWasUnderNamesThatWereExchangedIsKept() throws {
      let scene = try Scene(.ext4)
      func record(_ line: String) throws -> Moment {
        try scene.record(line)
        let replayed = try treeline(["replay", scene.journal, scene.destination])
        #expect(replayed.exitCode == 0, "\(replayed)")
        let list = try treeline(["restore", "--list", scene.destination, "--json"]).standardOutput
        let last = try #require(list.split(separator: "\n").last)
        let point = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        let sequence = try #require(point?["seq"] as? Int)
        let copy = scene.filesystem["moment-\(sequence)"]
        try succeed(["cp", "-a", scene.source, copy])
        return Moment(sequence: sequence, copy: copy)
      }
      // The one that gets new content is the older object, whose names are placed first.
      let moments = [
        try record("echo old >a; ln a b"), try record("echo 3 >c; echo 4 >d"),
        try record("echo new >a; mv a x; mv b y; mv c a; mv d b; mv x c; mv y d"),
      ]
      try expectAll(moments, scene, "exchanged names")
    }

    @Test func oneFileComesBackWithTheDirectoriesAboveIt() throws {
      let scene = try Scene(.ext4)
      let moments = try kept(
        scene,
        [
          "mkdir -m 750 a a/b; echo first >a/b/f; chmod 640 a/b/f; ln a/b/f a/g; echo x >other",
          "echo second >a/b/f; rm other", "rm -r a", "mkdir a; echo third >a/b",
        ])
      let back = scene.filesystem["back"]
      let restored = try treeline(
        ["restore", scene.destination, "a/b/f", "--at", "\(moments[0].sequence)", "--to", back])
      #expect(restored.exitCode == 0, "\(restored)")
      #expect(try difference(between: "\(moments[0].copy)/a/b", and: "\(back)/a/b") == nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(back)/a") == ["b"])
      // A path beneath the destination means the same, and a directory comes with all that was in it.
      let whole = try treeline(
        [
          "restore", scene.destination, "\(scene.destination)/a", "--at", "\(moments[1].sequence)", "--to",
          scene.filesystem["whole"],
        ])
      #expect(whole.exitCode == 0, "\(whole)")
      #expect(try difference(between: "\(moments[1].copy)/a", and: scene.filesystem["whole"] + "/a") == nil)
      let nothing = try treeline(
        ["restore", scene.destination, "a/b/f", "--at", "\(moments[3].sequence)", "--to", scene.filesystem["no"]])
      #expect(nothing.exitCode == 1, "\(nothing)")
      #expect(nothing.standardError.contains("nothing was there"), "\(nothing)")
      let full = try treeline(
        ["restore", scene.destination, "--at", "\(moments[0].sequence)", "--to", back])
      #expect(full.exitCode == 1 && full.standardError.contains("not empty"), "\(full)")
    }

    @Test func theListNamesTheMomentsThatCanBeHad() throws {
      let scene = try Scene(.ext4)
      let moments = try kept(scene, ["echo 1 >f", "echo 2 >f", "rm f"])
      let list = try treeline(["restore", "--list", scene.destination, "--json"])
      #expect(list.exitCode == 0, "\(list)")
      let sequences = try list.standardOutput.split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object?["seq"] as? Int)
      }
      for moment in moments { #expect(sequences.contains(moment.sequence)) }
      #expect(sequences == sequences.sorted())
    }

    @Test func offKeepsNothingAndRemovesWhatWasKept() throws {
      let scene = try Scene(.ext4)
      let moments = try kept(scene, ["echo 1 >f", "echo 2 >f"])
      #expect(access("\(scene.destination)/.treeline/versions", F_OK) == 0)
      let once = try treeline([
        "backup", "--once", scene.source, scene.destination, "--journal", scene.journal, "--versions", "off",
      ])
      #expect(once.exitCode == 0, "\(once)")
      #expect(access("\(scene.destination)/.treeline/versions", F_OK) != 0)
      let refused = try treeline([
        "restore", scene.destination, "--at", "\(moments[0].sequence)", "--to", scene.filesystem["back"],
      ])
      #expect(refused.exitCode == 1 && refused.standardError.contains("keeps nothing from that time"), "\(refused)")
    }

    @Test func aFullDestinationLetsTheOldestVersionsGoAndSaysSo() throws {
      let scene = try Scene(.ext4)
      let small = try Filesystem(.tmpfs, bytes: 24 << 20)
      let destination = small["destination"]
      try shell("mkdir '\(destination)'")
      let backup = try TreelineProcess(
        ["backup", scene.source, destination, "--max-delete", "100"], journal: scene.journal)
      try backup.waitUntilReady()
      for round in 1...10 {
        try shell("head -c 4M /dev/urandom >'\(scene.source)/f'; echo \(round) >'\(scene.source)/n'")
        try backup.flush()
      }
      #expect(try difference(between: scene.source, and: destination) == nil)
      #expect(backup.errorOutput.contains("the oldest versions"), "\(backup.errorOutput)")
      let list = try treeline(["restore", "--list", destination])
      #expect(list.exitCode == 0 && !list.standardOutput.isEmpty, "\(list)")
      for line in list.standardOutput.split(separator: "\n") where !line.contains("being written") {
        let sequence = line.prefix { $0 != "\t" }
        let back = scene.filesystem["back-\(sequence)"]
        let restored = try treeline(["restore", destination, "--at", "\(sequence)", "--to", back])
        #expect(restored.exitCode == 0, "\(restored)")
      }
      let first = try treeline(["restore", destination, "--at", "1", "--to", scene.filesystem["first"]])
      #expect(first.exitCode == 1, "\(first)")
      #expect(try backup.terminate() == 0)
    }

    @Test func itCanBeDoneWhileTheBackupGoesOn() throws {
      let scene = try Scene(.ext4)
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      try shell("cd '\(scene.source)'; for i in $(seq 300); do mkdir d$i; echo $i >d$i/f; done")
      let before = try moment(scene, backup, 0)
      let writer = try Child(
        [
          "bash", "-c",
          "cd '\(scene.source)'; for r in $(seq 8); do for i in $(seq 1 7 300); do echo $r.$i >d$i/n; mv d$i/n d$i/f; mv d$i e$i; mv e$i d$i; done; done",
        ], conversing: false)
      for number in 1...3 {
        let back = scene.filesystem["back-\(number)"]
        let restored = try treeline(
          ["restore", scene.destination, "--at", "\(before.sequence)", "--to", back])
        #expect(restored.exitCode == 0, "\(restored)")
        #expect(try difference(between: before.copy, and: back, isDestination: false) == nil)
      }
      #expect(writer.wait(timeout: .seconds(60)) == 0)
      #expect(try backup.terminate() == 0)
    }

    @Test func anotherDirectoryIsNoDestination() throws {
      let place = try TemporaryDirectory()
      let refused = try treeline(["restore", place.path, "--to", place["back"]])
      #expect(refused.exitCode == 1, "\(refused)")
      #expect(refused.standardError.contains("not a destination"), "\(refused)")
      let usage = try treeline(["restore", place.path])
      #expect(usage.exitCode == 64, "\(usage)")
    }
  }
}
