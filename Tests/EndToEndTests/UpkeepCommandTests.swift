import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// `journal compact`, `repair`, and what `verify` says of gaps.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct UpkeepCommandTests {
    /// A backup that was stopped: a journal of several segments.
    private func stopped(rounds: Int) throws -> Scene {
      let scene = try Scene(.ext4)
      try shell("cd '\(scene.source)'; seq 2000 | xargs touch")
      let backup = try TreelineProcess(
        ["backup", scene.source, scene.destination, "--settle", "0", "--retain-bytes", "400K"],
        journal: scene.journal)
      try backup.waitUntilReady()
      for round in 0..<rounds {
        try shell("cd '\(scene.source)'; chmod \(round % 2 == 0 ? 600 : 640) *; touch new\(round)")
        try backup.flush()
      }
      #expect(try backup.terminate() == 0)
      return scene
    }

    private func verify(_ scene: Scene, _ arguments: [String] = []) throws -> CommandOutput {
      try treeline(["journal", "verify", scene.journal] + arguments)
    }

    private func once(_ scene: Scene) throws -> Int32 {
      try treeline(["backup", "--once", "--quiet", scene.source, scene.destination, "--journal", scene.journal]).exitCode
    }

    @Test func aCompactedJournalMakesTheSameTree() throws {
      let scene = try stopped(rounds: 12)
      let fresh = scene.filesystem["fresh"]
      let compacted = try treeline(["journal", "compact", "--json", scene.journal])
      #expect(compacted.exitCode == 0 && compacted.standardOutput.contains("\"segments\":"), "\(compacted)")
      #expect(!compacted.standardOutput.contains("\"segments\":0"), "\(compacted)")
      #expect(try verify(scene).exitCode == 0)
      let shown = try treeline(["journal", "show", "--json", scene.journal])
      #expect(shown.exitCode == 0 && shown.standardOutput.contains("\"commits\":"), "\(shown)")
      #expect(try treeline(["journal", "show", "--tail", "2", scene.journal]).standardOutput.contains("stop"))
      // A number that was composed away stands for the point before it.
      for number in 3...12 {
        let dry = try treeline(["journal", "diff", scene.journal, "\(number)"])
        #expect(dry.exitCode == 0, "\(dry)")
      }
      try shell("mkdir '\(fresh)'")
      #expect(try treeline(["replay", "--quiet", scene.journal, fresh]).exitCode == 0)
      #expect(try difference(between: scene.source, and: fresh) == nil)
      try shell("touch '\(scene.source)/later'")
      #expect(try once(scene) == 0)
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try treeline(["journal", "cursors", scene.journal]).exitCode == 0)
    }

    @Test func whatCanBeRepairedIsRepairedAndSaid() throws {
      let scene = try stopped(rounds: 3)
      #expect(try treeline(["journal", "repair", scene.journal]).standardOutput.isEmpty)
      try shell(
        """
        cd '\(scene.journal)'; newest=$(ls *.tlj | tail -1); printf 'torn' >> $newest; touch compact.new
        printf 'x' > $(ls *.checkpoint | tail -1); printf 'x' > HEAD; printf 'x' > lost.cursor
        """)
      #expect(try verify(scene).exitCode == 5)
      let repaired = try treeline(["journal", "repair", scene.journal])
      #expect(repaired.exitCode == 0, "\(repaired)")
      for word in ["HEAD", "checkpoint", "lost.cursor", "compact.new", "4 bytes"] {
        #expect(repaired.standardOutput.contains(word), "\(word): \(repaired)")
      }
      #expect(try verify(scene).exitCode == 0)
      #expect(try once(scene) == 0)
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      // What was durable and cannot be read is nothing to guess at.
      try shell("cd '\(scene.journal)'; first=$(ls *.tlj | head -1); printf 'xxxx' | dd of=$first bs=1 seek=200 conv=notrunc")
      let hopeless = try treeline(["journal", "repair", scene.journal])
      #expect(hopeless.exitCode == 5 && hopeless.standardOutput.contains("damaged"), "\(hopeless)")
    }

    @Test func gapsAreToldFromTheMarks() throws {
      let scene = try stopped(rounds: 2)
      let arguments = ["backup", scene.source, scene.destination, "--settle", "0"]
      func last() throws -> String {
        try treeline(["journal", "show", "--tail", "1", scene.journal]).standardOutput.prefix { $0.isNumber }.description
      }
      let atStop = try last()
      #expect(try verify(scene, ["--until", atStop]).exitCode == 0)
      let killed = try TreelineProcess(arguments, journal: scene.journal)
      try killed.waitUntilReady()
      try killed.flush()
      let afterStart = try last()
      killed.kill9()
      #expect(try once(scene) == 0)
      let all = try verify(scene, ["--json", "--since", "1"])
      #expect(all.exitCode == 5, "\(all)")
      #expect(all.standardOutput.contains("\"gap\":\"stopped\""), "\(all)")
      #expect(all.standardOutput.contains("\"gap\":\"broken\""), "\(all)")
      let few = try verify(scene, ["--since", afterStart])
      #expect(few.exitCode == 5 && few.standardOutput.split(separator: "\n").count == 1, "\(few)")
      #expect(try verify(scene, ["--since", afterStart, "--until", afterStart]).exitCode == 0)
    }
  }
}
