import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// How far a run is that ends by itself.
  @Suite(.enabled(if: canInjectFaults, "it needs root, loop devices and the program"))
  struct ProgressTests {
    /// The last event on a stage, of lines of JSON.
    private func last(_ stage: String, _ output: CommandOutput) throws -> [String: Any] {
      let events = output.standardOutput.split(separator: "\n").compactMap {
        try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      }
      return try #require(events.last { $0["event"] as? String == "progress" && $0["stage"] as? String == stage })
    }

    /// The directory and its ten files, perhaps the root; all of it done.
    private func expectAll(_ progress: [String: Any]) throws {
      let objects = try #require(progress["objects"] as? Int)
      #expect(11...12 ~= objects && progress["objects_total"] as? Int == objects, "\(progress)")
      #expect(progress["bytes"] as? Int == 3 << 20 + 18 && progress["bytes_total"] as? Int == 3 << 20 + 18, "\(progress)")
    }

    @Test func copyReplayAndRestoreTellHowMuchThereIs() throws {
      let scene = try Scene(.ext4)
      try shell("cd '\(scene.source)'; mkdir d; head -c 3M /dev/urandom > d/large; for i in {1..9}; do echo $i > d/$i; done")
      let once = ["backup", "--once", scene.source, scene.destination, "--journal", scene.journal]
      let copied = try treeline(once + ["--json"])
      let copying = try last("copying", copied)
      try expectAll(copying)
      let replayed = try treeline(["replay", "--json", scene.journal, scene.replayed])
      #expect(replayed.exitCode == 0, "\(replayed)")
      let replaying = try last("replaying", replayed)
      try expectAll(replaying)
      let restored = try treeline(["restore", "--json", scene.destination, "d", "--to", scene.filesystem["back"]])
      #expect(restored.exitCode == 0, "\(restored)")
      let restoring = try last("restoring", restored)
      try expectAll(restoring)
    }

    /// What is young when a recording begins is in doubt: a run compares it, and copies what differs.
    @Test func aDryRunTellsNoCopyOfWhatIsOnlyInDoubt() throws {
      let scene = try Scene(.ext4)
      func steps(_ options: [String]) throws -> Set<String> {
        let output = try treeline(["replay", "--json", scene.journal, scene.destination] + options)
        #expect(output.exitCode == 0, "\(output)")
        return Set(output.standardOutput.split(separator: "\n").filter { $0.contains("\"op\"") }.map(String.init))
      }
      try scene.record("mkdir a b; for i in {1..9}; do echo $i >a/$i; done")
      _ = try steps([])
      try scene.record("mv a/1 b/moved; echo new >a/2; rm a/3; echo 4 >a/new")
      let dry = try steps(["--dry-run"])
      #expect(dry.contains { $0.contains("\"move\"") && $0.contains("b/moved") }, "\(dry)")
      #expect(try steps([]) == dry)
    }

    @Test func aPipeGetsNoJSONUnlessAskedFor() throws {
      let scene = try Scene(.ext4)
      try shell("head -c 100k /dev/zero > '\(scene.source)/f'")
      let output = try treeline(["backup", "--once", scene.source, scene.destination, "--journal", scene.journal])
      #expect(output.exitCode == 0 && output.standardOutput == "", "\(output)")
      #expect(output.standardError.contains("copied 2 objects") || output.standardError.contains("copied 1 object,"), "\(output)")
      #expect(!output.standardError.contains("\r"))
    }
  }
}
