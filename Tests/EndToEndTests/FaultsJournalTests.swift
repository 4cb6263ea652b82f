import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A journal that cannot be written ends the run, visibly, and the next one is exact again.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsJournalTests {
    /// What is done to the journal J or the filesystem of its own F that it lies on, what makes it well
    /// again, and what the next start is given.
    private static let faults: [(fault: String, cure: String, options: [String])] = [
      ("head -c 100M /dev/zero > F/filler || true", "rm F/filler", []),
      ("mv J J.away", "rm -rf J; mv J.away J", []),
      ("rm -rf J", "true", ["--adopt", "checksum"]),
      ("rm J/*.tlj", "rm -rf J", ["--adopt", "checksum"]),
    ]

    @Test(arguments: Thoroughness.filesystems, faults.indices)
    func aJournalThatCannotBeWrittenIsNeverTakenForWell(kind: Filesystem.Kind, at: Int) throws {
      let (fault, cure, options) = Self.faults[at]
      guard let scene = try Scene.ifPossible(kind) else { return }
      let own = scene.filesystem["own"]
      let journal = "\(own)/journal"
      try shell("mkdir '\(own)'; mount -t tmpfs -o size=2m,mode=700 treeline-test '\(own)'")
      defer { _ = try? run(["umount", "-l", own]) }
      func filled(_ script: String) -> String {
        script.replacingOccurrences(of: "F", with: "'\(own)'").replacingOccurrences(of: "J", with: "'\(journal)'")
      }
      try shell("cd '\(scene.source)'; seq 200 | xargs touch")
      let backup = try TreelineProcess(["backup", scene.source, scene.destination, "--settle", "0"], journal: journal)
      try backup.waitUntilReady()
      try backup.flush()
      try shell(filled(fault))
      try shell("cd '\(scene.source)'; for i in $(seq 2000); do echo $i > new$i; done; rm $(seq 50)")
      let flushed = try treeline(["flush", "--timeout", "20s", journal])
      let ended = eventually(within: .seconds(2)) { !backup.isRunning }
      if flushed.exitCode == 0 {
        // Open files go on where their names are gone: then it must be all there, too.
        #expect(try difference(between: scene.source, and: scene.destination) == nil, "\(fault)")
      }
      let code = try backup.terminate()
      if ended { #expect(code > 0 && !backup.errorOutput.isEmpty, "\(fault): \(code) \(backup.errorOutput)") }
      try shell("echo later > '\(scene.source)/later'; rm '\(scene.source)/60'")
      let blind = try treeline(["backup", "--once", "--quiet", scene.source, scene.destination, "--journal", journal])
      if blind.exitCode == 0 {
        #expect(try difference(between: scene.source, and: scene.destination) == nil, "\(fault): \(blind)")
      } else {
        #expect(blind.exitCode > 0 && !blind.standardError.isEmpty, "\(fault): \(blind)")
        try shell(filled(cure))
        let again = try treeline(
          ["backup", "--once", "--quiet", scene.source, scene.destination, "--journal", journal] + options)
        #expect(again.exitCode == 0, "\(fault): \(again)")
        #expect(try difference(between: scene.source, and: scene.destination) == nil, "\(fault)")
      }
    }

    /// What could not be synced may be gone though the next sync succeeds: nothing is acknowledged, and nobody goes
    /// on with such a journal.
    @Test(arguments: Thoroughness.filesystems)
    func aJournalWhoseDiskFailsEndsTheRunThoughTheDiskIsSoundAgain(kind: Filesystem.Kind) throws {
      if let reason = FaultyDisk.reasonToSkip { return announceSkip("a journal on a disk that fails", because: reason) }
      guard let scene = try Scene.ifPossible(kind) else { return }
      let disk = try FaultyDisk(kind, bytes: kind == .ext4 ? 64 << 20 : 512 << 20)
      let journal = "\(disk.root)/journal"
      try shell("cd '\(scene.source)'; seq 200 | xargs touch")
      let backup = try TreelineProcess(["backup", scene.source, scene.destination, "--settle", "0"], journal: journal)
      try backup.waitUntilReady()
      try backup.flush()
      try disk.failWrites()
      try shell("cd '\(scene.source)'; for i in $(seq 500); do echo $i > new$i; done; rm $(seq 50); mv 100 moved")
      let failed = try treeline(["flush", "--timeout", "20s", journal])
      #expect(failed.exitCode != 0, "\(failed)")
      disk.heal()
      #expect(eventually(within: .seconds(20)) { !backup.isRunning }, "it goes on: \(backup.errorOutput)")
      let code = try backup.terminate()
      #expect(code > 0 && backup.errorOutput.contains(journal), "\(code): \(backup.errorOutput)")
      // What only memory holds is gone.
      try disk.remount()
      try shell("echo later > '\(scene.source)/later'; rm '\(scene.source)/60'")
      let again = try treeline(["backup", "--once", "--quiet", scene.source, scene.destination, "--journal", journal])
      #expect(again.exitCode == 0, "\(again)")
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      let verified = try treeline(["journal", "verify", journal])
      #expect(verified.exitCode == 0, "\(verified)")
      let replayed = try treeline(["replay", journal, scene.replayed])
      #expect(replayed.exitCode == 0, "\(replayed)")
      #expect(try difference(between: scene.source, and: scene.replayed) == nil)
    }
  }
}
