import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What a destination keeps of the past: what it says of it, and how much room that takes.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct KeptVersionsTests {
    private func history(_ scene: Scene, _ path: String) throws -> [[String: Any]] {
      let output = try treeline(["history", "--json", "--destination", scene.destination, path])
      #expect(output.exitCode == 0, "\(output)")
      return try output.standardOutput.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
    }

    @Test(arguments: Filesystem.Kind.allCases)
    func theVersionsOfAPathComeFromTheDestinationAlone(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("history on \(kind)", because: reason) }
      let scene = try Scene(kind)
      for script in [
        "mkdir d; echo 1 >d/f", "echo 22 >d/f", "echo 333 >d/new; mv d/new d/f", "echo other >g", "mv d e; mkdir d",
        "mv e/f d/f", "rm d/f",
      ] {
        try shell("cd '\(scene.source)'; \(script)")
        #expect(try treeline(scene.once).exitCode == 0)
      }
      try shell("mv '\(scene.source)' '\(scene.source)-burned'; mv '\(scene.journal)' '\(scene.journal)-burned'")
      let versions = try history(scene, "d/f")
      #expect(versions.compactMap { $0["size"] as? Int } == [2, 3, 4, 4], "\(versions)")
      #expect(versions.map { $0["type"] is NSNull } == [false, false, false, true, false, true], "\(versions)")
      let other = try history(scene, "\(scene.destination)/g")
      #expect(other.map { $0["content"] as? String } == ["current"], "\(other)")
      let never = try treeline(["history", "--destination", scene.destination, "never"])
      #expect(never.exitCode == 1, "\(never)")
    }

    /// Each version is made by a copy of a program under a name that nothing else has.
    @Test func theDestinationAloneTellsWhoMadeAVersion() throws {
      let scene = try Scene(.ext4)
      let backup = try TreelineProcess(["backup", scene.source, scene.destination, "--who"], journal: scene.journal)
      try backup.waitUntilReady()
      let tools = scene.filesystem["tools"]
      try shell("mkdir '\(tools)'; cd '\(tools)'; cp /bin/sh writer; cp /bin/sh editor; cp /bin/mv mover")
      for command in [
        ["writer", "-c", "echo 1 >'\(scene.source)/f'"], ["editor", "-c", "echo 22 >>'\(scene.source)/f'"],
        ["mover", "\(scene.source)/f", "\(scene.source)/g"],
      ] {
        // Each is there until it was looked at.
        let flush = "exec \(Products.treeline) flush --quiet '\(scene.journal)'"
        try succeed([Products.linger, flush, "\(tools)/\(command[0])"] + command.dropFirst())
        try backup.flush()
      }
      #expect(try backup.terminate() == 0)
      try shell("mv '\(scene.source)' '\(scene.source)-burned'; mv '\(scene.journal)' '\(scene.journal)-burned'")
      let versions = try history(scene, "f")
      let who = versions.map { version in
        (version["who"] as? [[String: Any]] ?? []).compactMap { ($0["exe"] as? NSString)?.lastPathComponent }
      }
      #expect(who == [["writer"], ["editor"], ["mover"]], "\(versions)")
      let text = try treeline(["history", "--destination", scene.destination, "f"]).standardOutput
      #expect(text.contains("writer[") && text.contains("mover["), "\(text)")
      // What can be had back is as without.
      let first = try #require(versions.first?["seq"] as? Int)
      let back = scene.filesystem["back"]
      let restored = try treeline(["restore", "--at", "\(first)", scene.destination, "f", "--to", back])
      #expect(restored.exitCode == 0, "\(restored)")
      #expect(try String(contentsOfFile: "\(back)/f", encoding: .utf8) == "1\n")
    }

    @Test func statusTellsWhatCanBeHadBack() throws {
      let scene = try Scene(.ext4)
      let backup = try TreelineProcess(["backup", scene.source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      try shell("echo 1 >'\(scene.source)/f'")
      try backup.flush()
      try shell("echo 2 >'\(scene.source)/f'")
      try backup.flush()
      let range = try #require(try backup.status()["restorable"] as? [String: Any])
      let list = try treeline(["restore", "--list", scene.destination]).standardOutput.split(separator: "\n")
      #expect(range["count"] as? Int == list.count)
      let newest = try #require((range["newest"] as? [String: Any])?["seq"] as? Int)
      #expect(list.last?.hasPrefix("\(newest)\t") == true, "\(range) \(list)")
      #expect(try backup.terminate() == 0)
    }
  }
}
