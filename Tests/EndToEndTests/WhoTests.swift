import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The journal names the processes that made the changes.
  @Suite(.enabled(if: canInjectFaults, "needs root, ext4 and the program"))
  struct WhoTests {
    /// A line of `journal show --json`.
    private struct Line: Decodable {
      struct Actor: Decodable {
        var pid: Int32
        var standing: String?
        var exe: String?
        var comm: String?
        var uid: UInt32?
        var argv: [String]?
        var did: [String]
        var program: String { (exe ?? "?").split(separator: "/").last.map(String.init) ?? "?" }
      }
      var op: String
      var path: String?
      var who: [Actor]?
      /// The programs behind it, in order of their names.
      var programs: [String] { (who ?? []).map(\.program).sorted() }
    }

    private func record(_ scene: Scene, _ options: [String] = ["--who"]) throws -> TreelineProcess {
      let recording = try TreelineProcess(["record", scene.source] + options, journal: scene.journal)
      try recording.waitUntilReady()
      return recording
    }

    /// Runs a shell command in the source. None of its processes ends before what it did was looked at:
    /// whether one that ends at once is caught is another question.
    private func perform(_ command: String, _ scene: Scene, _ recording: TreelineProcess) throws {
      try succeed([
        Products.linger, "exec \(Products.treeline) flush --quiet '\(scene.journal)'", "bash", "-c",
        "cd '\(scene.source)'; \(command)",
      ])
      try recording.flush()
    }

    private func lines(_ scene: Scene, _ options: [String] = []) throws -> [Line] {
      let output = try succeed([Products.treeline, "journal", "show", scene.journal, "--json"] + options)
      return try output.standardOutput.split(separator: "\n").map {
        try JSONDecoder().decode(Line.self, from: Data($0.utf8))
      }
    }

    /// One command, and the line that it must give.
    private static let steps: [(command: String, operation: String, path: String, program: String)] = [
      ("touch a", "create", "a", "touch"), ("mv a b", "rename", "b", "mv"),
      ("chmod 600 b", "attributes", "b", "chmod"), ("mkdir d", "create", "d", "mkdir"),
      ("truncate -s 7 b", "write", "b", "truncate"),
      ("dd if=/dev/zero of=b bs=1 count=1 seek=9 conv=notrunc status=none", "write", "b", "dd"),
      ("echo x > e", "create", "e", "bash"), ("sh -c 'echo y >> e'", "write", "e", "dash"),
      ("mv d f", "rename", "f", "mv"), ("ln -s b s", "create", "s", "ln"),
      ("ln b f/l", "link", "f/l", "ln"), ("rm e", "remove", "e", "rm"),
      ("touch f/o; mv f/o s", "remove", "s", "mv"), ("setfattr -n user.a -v 1 f", "attributes", "f", "setfattr"),
      ("mv f ../outside/", "remove", "f", "mv"), ("mv ../outside/f g", "create", "g", "mv"),
    ]

    @Test func eachChangeNamesItsProgram() throws {
      let scene = try Scene(.ext4)
      let recording = try record(scene)
      for step in Self.steps where step.program != "setfattr" || findTool("setfattr") != nil {
        try perform(step.command, scene, recording)
        let told = try lines(scene).last { $0.op == step.operation && $0.path == step.path }
        #expect(told?.programs == [step.program], "\(step.command): \(String(describing: told))")
        for actor in told?.who ?? [] {
          #expect(actor.pid > 0 && actor.uid == 0 && actor.comm != nil && !actor.did.isEmpty)
          #expect(actor.argv?.isEmpty == false)
        }
      }
      #expect(try recording.terminate() == 0)
    }

    @Test func linesAreChosenByProcess() throws {
      let scene = try Scene(.ext4)
      let recording = try record(scene)
      try perform("touch a; mkdir d; chmod 777 .", scene, recording)
      try perform("setpriv --reuid 4711 --clear-groups touch u", scene, recording)
      #expect(try recording.terminate() == 0)
      #expect(try lines(scene, ["--who", "mkdir"]).contains { $0.path == "d" })
      #expect(try lines(scene, ["--who", "mkdir"]).allSatisfy { $0.programs.contains("mkdir") })
      #expect(try lines(scene, ["--who", "/usr/bin/to*", "--op", "create"]).compactMap(\.path).sorted() == ["a", "u"])
      let others = try lines(scene, ["--who", "uid=4711", "--op", "create"])
      #expect(others.map(\.path) == ["u"])
      #expect(others.first?.who?.first?.uid == 4711)
    }

    private func blame(_ scene: Scene, _ path: String) throws -> [Line] {
      let output = try succeed([Products.treeline, "blame", "--json", "--journal", scene.journal, path])
      return try output.standardOutput.split(separator: "\n").map {
        try JSONDecoder().decode(Line.self, from: Data($0.utf8))
      }
    }

    @Test func blameFollowsAnObjectOverRenamesAndAPathOverObjects() throws {
      let scene = try Scene(.ext4)
      let recording = try record(scene)
      for command in [
        "mkdir d", "sh -c 'echo one > d/a'", "mv d/a d/b", "mv d e",
        // Saved as an editor does: another file, renamed over the first.
        "cp e/b e/b.new; truncate -s 9 e/b.new", "ln -f e/b.new e/b~; mv e/b.new e/b",
        "touch other; mv other e/a",
      ] {
        try perform(command, scene, recording)
      }
      let told = try blame(scene, "\(scene.source)/e/b")
      #expect(told.first?.op == "rename")
      #expect(told.first?.programs == ["mv"])
      #expect(told.contains { $0.op == "write" && $0.programs.contains("truncate") })
      // The first object: it was made as d/a, and went when the second came.
      #expect(told.contains { $0.op == "create" && $0.path == "d/a" && $0.programs == ["dash"] })
      #expect(told.contains { $0.op == "remove" && $0.programs == ["mv"] })
      #expect(!told.contains { $0.programs.contains("touch") })
      // By the path alone, from the source's root, and of what is gone.
      #expect(try blame(scene, "e/b").count == told.count)
      #expect(try blame(scene, "d/a").first?.op == "rename")
      #expect(try run([Products.treeline, "blame", "--journal", scene.journal, "never"]).exitCode == 1)
      let text = try succeed([Products.treeline, "blame", "\(scene.source)/e/b"]).standardOutput
      #expect(text.split(separator: "\n").first?.contains("mv[") == true, "\(text)")
      #expect(try recording.terminate() == 0)
    }

    /// More than the kernel's queue holds while nobody reads: each file says who made it, or that this
    /// was lost.
    @Test func whatTheQueueLostIsSaidToBeLost() throws {
      let scene = try Scene(.ext4)
      let recording = try record(scene)
      recording.send(SIGSTOP)
      try shell("cd '\(scene.source)'; for i in {1..20000}; do : > f$i; done")
      recording.send(SIGCONT)
      try recording.flush()
      #expect(try recording.terminate() == 0)
      let created = try lines(scene, ["--op", "create", "--path", "f*"])
      #expect(created.count == 20_000)
      var lost = 0
      for line in created {
        let actors = line.who ?? []
        if actors.contains(where: { $0.standing == "lost" }) { lost += 1 }
        #expect(!actors.isEmpty)
        #expect(actors.allSatisfy { $0.standing == "lost" || $0.exe == nil || $0.program == "bash" })
      }
      #expect(lost > 0)
    }

    /// sort(1) makes files where it is told to, and removes them, all before anybody looks.
    @Test func whatCameAndWentWithinARoundIsTold() throws {
      let scene = try Scene(.ext4)
      try shell("seq 20000 > '\(scene.source)/numbers'")
      let recording = try record(scene)
      recording.send(SIGSTOP)
      try succeed([
        Products.linger,
        "kill -CONT $(cat '\(scene.journal)/lock'); exec \(Products.treeline) flush --quiet '\(scene.journal)'",
        "sort", "-S", "1k", "-T", scene.source, "-o", "/dev/null", "\(scene.source)/numbers",
      ])
      try recording.flush()
      #expect(try recording.terminate() == 0)
      let told = try lines(scene, ["--op", "transient"])
      #expect(told.contains { $0.path?.hasPrefix("sort") == true })
      #expect(told.allSatisfy { $0.programs == ["sort"] })
      #expect(told.allSatisfy { $0.who?.first?.did.contains("remove") == true })
      // Named by the program, too, and at the end of the journal.
      #expect(try lines(scene, ["--who", "sort", "--op", "transient"]).count == told.count)
      #expect(try lines(scene, ["--tail", "1", "--op", "transient"]).count == 1)
      // By its path as well, also from an index, and when the commits are made one.
      let path = try #require(told.first?.path)
      func check() throws {
        let blamed = try blame(scene, path)
        #expect(blamed.first?.op == "transient" && blamed.first?.programs == ["sort"], "\(blamed)")
        let history = try succeed([
          Products.treeline, "history", "--json", "--journal", scene.journal, path,
        ]).standardOutput
        #expect(history.contains("\"transient\"") && history.contains("/sort\""), "\(history)")
      }
      try check()
      try succeed([Products.treeline, "journal", "compact", scene.journal])
      try check()
    }

    @Test func withoutTheOptionNothingIsRecorded() throws {
      let scene = try Scene(.ext4)
      let recording = try record(scene, [])
      try shell("cd '\(scene.source)'; touch a; mv a b")
      try recording.flush()
      #expect(try recording.terminate() == 0)
      let told = try lines(scene)
      #expect(told.contains { $0.path == "b" })
      #expect(told.allSatisfy { $0.who == nil })
      let output = try succeed(["sh", "-c", "cat '\(scene.journal)'/*.tlj | lz4 -dc"])
      #expect(!output.standardOutput.contains("/usr/bin/touch"))
    }

    /// Programs that live for a moment: as many are named as an eager reader beside it can name, which is told of
    /// what is done to files alone. How many that is depends on the machine and on who else runs.
    @Test func processesThatExitAtOnceAreKnown() throws {
      let scene = try Scene(.ext4)
      let recording = try record(scene)
      let yardstick = try EagerReader(at: scene.source)
      let rounds = 300
      try shell("cd '\(scene.source)'; for i in {1..\(rounds)}; do sh -c \"echo x > s$i\"; done")
      try succeed([Products.exits, scene.source, "f", "\(rounds)"])
      try recording.flush()
      #expect(try recording.terminate() == 0)
      let eager = try yardstick.stop()
      let created = try lines(scene, ["--op", "create"])
      for (prefix, program, kind) in [("s", "dash", "shells"), ("f", "exits", "fork, write and exit")] {
        let made = created.filter { $0.path?.hasPrefix(prefix) == true }
        let named = made.count { $0.programs.contains(program) }
        let wrong = made.filter { line in
          !(line.who ?? []).allSatisfy { $0.exe == nil || $0.program == program }
        }
        let namedEagerly = (1...rounds).count { eager["\(prefix)\($0)"]?.contains(program) == true }
        print("\(kind): of \(rounds) writers \(named) are named, and \(namedEagerly) by an eager reader beside it")
        #expect(made.count == rounds)
        #expect(wrong.isEmpty, "a process is called what it is not: \(wrong)")
        let wanted = min(rounds * 7 / 10, namedEagerly * 9 / 10)
        #expect(named >= wanted, "\(kind): \(named) of \(rounds), wanted \(wanted)")
      }
    }
  }
}
