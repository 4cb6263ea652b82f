import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A halt is a question, and `resume` an answer.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct ResumeTests {
    private func halted(_ scene: Scene, files: Int = 400) throws -> TreelineProcess {
      try shell("mkdir -p '\(scene.source)/d'; cd '\(scene.source)/d'; for i in $(seq \(files)); do echo $i > $i; done")
      let backup = try TreelineProcess(["backup", scene.source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try backup.flush()
      // Gone in one step: while a slow deletion halts it, more is being deleted.
      try shell("echo kept > '\(scene.source)/kept'; mv '\(scene.source)/d' '\(scene.source).away'; rm -r '\(scene.source).away'")
      #expect(eventually(within: .seconds(10)) { backup.state == "halted" }, "\(backup.errorOutput)")
      #expect(try treeline(["flush", scene.journal]).exitCode == 6)
      return backup
    }

    @Test(arguments: Thoroughness.filesystems)
    func aHaltedBackupSaysWhatItWouldDoAndGoesOn(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let backup = try halted(scene)
      let before = try entryCount(scene.destination)
      let said = try treeline(["resume", "--dry-run", scene.journal])
      #expect(said.exitCode == 6 && said.standardError.contains("removes "), "\(said)")
      #expect(backup.state == "halted")
      #expect(try entryCount(scene.destination) == before, "something was removed before anyone decided")
      let resumed = try treeline(["resume", scene.journal])
      #expect(resumed.exitCode == 0 && resumed.standardError.contains("removes "), "\(resumed)")
      try backup.flush()
      #expect(backup.state == "following")
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      let again = try treeline(["resume", scene.journal])
      #expect(again.exitCode == 0 && again.standardError.contains("not halted"), "\(again)")
      let marks = try treeline(["journal", "show", "--op", "halt,resume", scene.journal]).standardOutput
      #expect(marks.contains("halt") && marks.contains("resume"), "\(marks)")
      // The guard is as before.
      try shell("mkdir '\(scene.source)/e'; cd '\(scene.source)/e'; for i in $(seq 400); do echo $i > $i; done")
      try backup.flush()
      try shell("rm -r '\(scene.source)/e'")
      #expect(eventually(within: .seconds(10)) { backup.state == "halted" }, "\(backup.errorOutput)")
      #expect(try entryCount(scene.destination) > 200)
      _ = try backup.terminate()
    }

    @Test(arguments: Thoroughness.filesystems)
    func aHaltAtTheStartIsResumedToo(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let first = try halted(scene)
      #expect(try first.terminate() == 6)
      let backup = try TreelineProcess(["backup", scene.source, scene.destination], journal: scene.journal)
      #expect(eventually(within: .seconds(10)) { backup.state == "halted" }, "\(backup.errorOutput)")
      #expect(try treeline(["resume", "--json", scene.journal]).standardOutput.contains("\"resumed\""))
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: Thoroughness.filesystems)
    func anotherDirectoryInThePlaceOfTheSourceIsNotResumed(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("echo f > '\(scene.source)/f'")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      try shell("mv '\(scene.source)' '\(scene.source).away'; mkdir '\(scene.source)'")
      #expect(eventually(within: .seconds(10)) { backup.state == "halted" }, "\(backup.errorOutput)")
      let refused = try treeline(["resume", scene.journal])
      #expect(refused.exitCode == 6 && refused.standardError.contains("cannot go on"), "\(refused)")
      #expect(backup.state == "halted")
      #expect(access("\(scene.destination)/f", F_OK) == 0)
      _ = try backup.terminate()
    }
  }
}
