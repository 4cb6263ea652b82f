import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// A journal that stays small under a running program.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct RetentionCommandTests {
    private func journalBytes(_ scene: Scene) throws -> Int {
      let listed = try shell("cat '\(scene.journal)'/*.tlj '\(scene.journal)'/*.checkpoint | wc -c").standardOutput
      return Int(listed.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .max
    }

    /// Changes the modes of all files, so that each round adds to the journal and nothing to the tree.
    private func stir(_ scene: Scene, _ backup: TreelineProcess, rounds: Int) throws {
      for round in 0..<rounds {
        try shell("cd '\(scene.source)'; chmod \(round % 2 == 0 ? 600 : 640) *")
        try backup.flush()
      }
    }

    @Test func aJournalIsKeptSmallWhileItsDestinationStaysExact() throws {
      let scene = try Scene(.ext4)
      let old = scene.filesystem["old"]
      let new = scene.filesystem["new"]
      try shell("mkdir '\(old)' '\(new)'; cd '\(scene.source)'; seq 2000 | xargs touch")
      let arguments = ["backup", scene.source, scene.destination, "--settle", "0", "--retain-bytes", "100K"]
      let first = try TreelineProcess(arguments, journal: scene.journal)
      try first.waitUntilReady()
      try first.flush()
      #expect(try treeline(["replay", "--quiet", "--cursor", "old", scene.journal, old]).exitCode == 0)
      try stir(scene, first, rounds: 15)
      #expect(try first.terminate() == 0)
      let backup = try TreelineProcess(arguments, journal: scene.journal)
      try backup.waitUntilReady()
      try stir(scene, backup, rounds: 40)
      // The cursor of a destination that never comes back holds up to twice of it.
      #expect(try journalBytes(scene) < 300_000)
      #expect(eventually(within: .seconds(10)) { backup.errorOutput.contains("must rescan") }, "\(backup.errorOutput)")
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
      #expect(try treeline(["journal", "verify", scene.journal]).exitCode == 0)
      #expect(try treeline(["journal", "cursors", scene.journal]).standardOutput.contains("must rescan"))
      // What it missed is not told any more.
      let late = try treeline(["replay", "--quiet", "--cursor", "old", scene.journal, old])
      #expect(late.exitCode == 5 && late.standardError.contains("--adopt"), "\(late)")
      #expect(try treeline(["replay", "--quiet", "--adopt", "times", scene.journal, old]).exitCode == 0)
      #expect(try difference(between: scene.source, and: old) == nil)
      // One that is new begins with a checkpoint.
      #expect(try treeline(["replay", "--quiet", scene.journal, new]).exitCode == 0)
      #expect(try difference(between: scene.source, and: new) == nil)
      #expect(try treeline(["backup", "--once", "--quiet"] + arguments.dropFirst() + ["--journal", scene.journal]).exitCode == 0)
    }

    @Test func whatIsOlderThanAskedIsDropped() throws {
      let scene = try Scene(.ext4)
      try shell("cd '\(scene.source)'; seq 2000 | xargs touch")
      let backup = try TreelineProcess(
        ["backup", scene.source, scene.destination, "--settle", "0", "--retain", "3s"], journal: scene.journal)
      try backup.waitUntilReady()
      func first() throws -> String {
        try treeline(["journal", "stat", "--json", scene.journal]).standardOutput
          .components(separatedBy: "\"first_seq\":").dropFirst().first?.prefix { $0.isNumber }.description ?? ""
      }
      try stir(scene, backup, rounds: 2)
      #expect(eventually(within: .seconds(30)) {
        _ = try? stir(scene, backup, rounds: 1)
        return (try? first()) != "1"
      }, "\(backup.errorOutput)")
      #expect(try backup.terminate() == 0)
      #expect(try treeline(["journal", "verify", scene.journal]).exitCode == 0)
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
    }
  }
}
