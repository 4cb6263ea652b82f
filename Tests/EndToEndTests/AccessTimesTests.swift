import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// Who only reads leaves no trace: the times of the last access stay, also where each reading would move them.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct AccessTimesTests {
    private func accessTimes(_ names: [String], in directory: String) throws -> [String] {
      let output = try shell("cd '\(directory)' && stat -c '%n %x' \(names.map { "'\($0)'" }.joined(separator: " "))")
      return output.standardOutput.split(separator: "\n").map(String.init)
    }

    @Test(arguments: [Filesystem.Kind.ext4, .xfs, .btrfs])
    func whatIsBackedUpKeepsTheTimeOfItsLastAccess(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let source = scene.source
      try shell(
        """
        mount -o remount,strictatime '\(scene.filesystem.root)' && cd '\(source)' && mkdir -p a/b && echo 1 > a/small
        head -c 100000000 /dev/urandom > a/large && ln -s small a/link && ln a/small a/b/hard
        truncate -s 1M a/b/hole && setfattr -n user.x -v y a/small && touch -h -a -d 2001-02-03 a/* a/b/* a .
        """)
      let names = [".", "a", "a/b", "a/small", "a/large", "a/link", "a/b/hard", "a/b/hole"]
      let before = try accessTimes(names, in: source)
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      try shell("cd '\(source)' && echo 2 >> a/small && mv a/b/hole a/b/hole2 && ln -s other a/b/new")
      try backup.flush()
      #expect(try backup.terminate() == 0)
      let again = try scene.backup()
      try again.waitUntilReady()
      try again.flush()
      #expect(try again.terminate() == 0)
      #expect(try treeline(["verify", "--checksum", source, scene.destination]).exitCode == 0)
      #expect(try treeline(["scrub", scene.destination, "--journal", scene.journal]).exitCode == 0)
      let after = try accessTimes(names.dropLast() + ["a/b/hole2"], in: source)
      #expect(after.map { $0.replacing("hole2", with: "hole") } == before)
    }

    @Test func whoReadsAJournalWritesNothing() throws {
      guard let scene = try Scene.ifPossible(.ext4) else { return }
      try shell("mount -o remount,strictatime '\(scene.filesystem.root)' && echo 1 > '\(scene.source)/file'")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try backup.terminate() == 0)
      let places = [scene.journal, "\(scene.destination)/.treeline", "\(scene.destination)/.treeline/history"]
      try shell(places.map { "touch -a -d 2001-02-03 '\($0)' '\($0)'/*" }.joined(separator: ";"))
      func times() throws -> [String] {
        // The shell reads the directories in which it looks for names.
        try places.flatMap { place in
          let times = try accessTimes(["."], in: place)
          let names = try FileManager.default.contentsOfDirectory(atPath: place).sorted().filter { $0 != "lock" }
          let all = try times + accessTimes(names, in: place)
          try shell("touch -a -d 2001-02-03 '\(place)'")
          return all
        }
      }
      let before = try times()
      for command in [["journal", "show"], ["journal", "stat"], ["journal", "verify"], ["replay", "--dry-run"]] {
        let output = try treeline(command + [scene.journal] + (command[0] == "replay" ? [scene.destination] : []))
        #expect(output.exitCode == 0, "\(output)")
      }
      let history = try treeline(["history", "\(scene.source)/file", "--journal", scene.journal])
      #expect(history.exitCode == 0, "\(history)")
      #expect(try times() == before)
    }
  }
}
