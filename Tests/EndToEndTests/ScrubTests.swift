import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What rots at a destination, or is edited there, is found and repaired.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct ScrubTests {
    /// A source, and a destination on a filesystem of its own.
    private final class Pair {
      let scene: Scene
      let disk: Filesystem
      var source: String { scene.source }
      let destination: String

      init(_ kind: Filesystem.Kind) throws {
        scene = try Scene(.ext4, bytes: 512 << 20)
        disk = try Filesystem(kind, bytes: 512 << 20)
        destination = disk["copy"]
        try shell("mkdir '\(destination)'")
      }

      func backup() throws -> TreelineProcess {
        let backup = try TreelineProcess(["backup", source, destination], journal: scene.journal)
        try backup.waitUntilReady()
        try backup.flush()
        return backup
      }

      func once() throws {
        let done = try treeline(["backup", "--once", source, destination, "--journal", scene.journal])
        try #require(done.exitCode == 0, "\(done)")
      }

      /// - Returns: what was found, by path.
      func scrub(_ options: [String] = [], expecting code: Int32 = 0) throws -> [String: String] {
        let output = try treeline(
          ["scrub", "--json", destination, "--journal", scene.journal] + options)
        #expect(output.exitCode == code, "\(output)")
        var found: [String: String] = [:]
        for line in output.standardOutput.split(separator: "\n") {
          let json = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
          guard let path = json["path"] as? String, let what = json["found"] as? String else { continue }
          found[path] = what
          #expect(json["repaired"] as? Bool == (code == 0), "\(line)")
        }
        return found
      }

      func expectEqual(_ what: String = "") throws {
        let found = try difference(between: source, and: destination)
        #expect(found == nil, "\(what)")
      }

      /// Changes a byte of what has a pattern on the disk, behind the filesystem's back.
      func rot(_ pattern: String) throws {
        try shell(
          """
          sync; umount '\(disk.root)'
          places=$(LC_ALL=C grep -obUaF '\(pattern)' '\(disk.image)' | cut -d: -f1)
          test -n "$places"
          for place in $places; do
            printf '!' | dd of='\(disk.image)' bs=1 seek=$((place + 3)) conv=notrunc status=none
          done
          mount -o loop '\(disk.image)' '\(disk.root)'
          """)
      }
    }

    private static let disks = [Filesystem.Kind.ext4, .xfs, .btrfs]

    @Test(arguments: disks) func bitsThatRotAreRepairedFromTheSource(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("rot on \(kind)", because: reason) }
      let pair = try Pair(kind)
      // More than an inode holds by itself.
      try shell(
        """
        cd '\(pair.source)'; mkdir d; seq 200 | while read n; do echo "file $n" >d/$n; done
        head -c 300000 /dev/urandom >f; echo 'this-will-rot' >>f; head -c 300000 /dev/urandom >>f
        """)
      try pair.once()
      #expect(try pair.scrub() == [:])
      try pair.rot("this-will-rot")
      #expect(try pair.scrub() == ["f": kind == .btrfs ? "unreadable" : "rotted"])
      try pair.expectEqual("\(kind)")
      #expect(try pair.scrub() == [:])
      // What had rotted was no state of the file: what is kept of it is what it was.
      let first = try treeline(["restore", "--list", "--json", pair.destination]).standardOutput
      let kept = "\(pair.scene.outside)/kept"
      try shell("cp -a '\(pair.source)/f' '\(kept)'; echo new >'\(pair.source)/f'")
      try pair.once()
      let sequence = try #require(first.split(separator: "\n").last?.split(separator: ":")[1].split(separator: ",").first)
      let back = "\(pair.scene.outside)/back"
      let restored = try treeline(["restore", pair.destination, "f", "--at", "\(sequence)", "--to", back])
      #expect(restored.exitCode == 0, "\(restored)")
      try shell("cmp '\(kept)' '\(back)/f'")
    }

    /// By the hash that was taken at the copy: 100 kB are more than one piece of it, and what is large has holes.
    @Test(arguments: disks, [9_000, 100_000, 70_000_000]) func whatRottedBeforeTheFirstScrubIsFound(
      kind: Filesystem.Kind, bytes: Int
    ) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("rot on \(kind)", because: reason) }
      let pair = try Pair(kind)
      try shell(
        """
        cd '\(pair.source)'; echo 'this-stays' >g; head -c \(min(bytes, 100_000)) /dev/urandom >f
        truncate -s \(bytes) f; echo 'this-will-rot' >>f
        """)
      try pair.once()
      try pair.rot("this-will-rot")
      let what = kind == .btrfs ? "unreadable" : "rotted"
      try shell("mv '\(pair.source)' '\(pair.source)-away'")
      #expect(try pair.scrub(["--no-repair"], expecting: 3) == ["f": what])
      try shell("mv '\(pair.source)-away' '\(pair.source)'")
      #expect(try pair.scrub() == ["f": what])
      try pair.expectEqual("\(kind)")
      #expect(try pair.scrub() == [:])
      #expect(!FileManager.default.fileExists(atPath: "\(pair.destination)/.treeline/scrub/copied.read"))
    }

    /// What changes while it is copied is read again, and hashed again.
    @Test(arguments: Thoroughness.isFull ? disks : [.btrfs]) func whatIsCopiedWhileItIsWrittenIsHashedAsItIsInTheEnd(
      kind: Filesystem.Kind
    ) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("scrub on \(kind)", because: reason) }
      let pair = try Pair(kind)
      try shell("head -c 64M /dev/urandom >'\(pair.source)/f'")
      let backup = try pair.backup()
      for round in 0..<(Thoroughness.isFull ? 60 : 12) {
        try shell(
          """
          for i in {1..\(20 + round % 7 * 20)}; do
            echo $RANDOM-$RANDOM | dd of='\(pair.source)/f' bs=64K count=1 seek=$((RANDOM % 1024)) conv=notrunc status=none
          done
          """)
        try backup.flush()
      }
      #expect(try backup.terminate() == 0)
      try shell("mv '\(pair.source)/f' '\(pair.source)-away'")
      #expect(try pair.scrub(["--no-repair"]) == [:])
    }

    /// Nothing tells what a content was that did not pass through this program: it was adopted.
    @Test func whatRottedAfterItWasAdoptedIsFoundInTheSource() throws {
      let pair = try Pair(.ext4)
      try shell("cd '\(pair.source)'; head -c 9000 /dev/urandom >f; echo 'this-will-rot' >>f; cp -a . '\(pair.destination)'")
      let done = try treeline(
        ["backup", "--once", "--adopt", "checksum", pair.source, pair.destination, "--journal", pair.scene.journal])
      #expect(done.exitCode == 0, "\(done)")
      try pair.rot("this-will-rot")
      #expect(try pair.scrub() == ["f": "differs"])
      try pair.expectEqual()
    }

    private static let meddling =
      """
      touch -r same stamp.$$; printf 'X' | dd of=same conv=notrunc status=none; touch -r stamp.$$ same; rm stamp.$$
      echo edited >>edited; chmod 600 mode; chown 7:8 owner; touch -d 2001-01-01 time
      setfattr -n user.x -v changed attribute
      rm gone; rm -r tree/a; ln -sfn elsewhere link; mkdir -p tree/foreign/deep; echo x >tree/foreign/deep/f
      rm one; echo other >one; mv moved elsewhere; chmod 700 tree
      """

    @Test(arguments: Filesystem.Kind.allCases, [true, false])
    func whatIsEditedIsMadeAgain(kind: Filesystem.Kind, isRunning: Bool) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("scrub on \(kind)", because: reason) }
      let pair = try Pair(kind)
      try shell(
        """
        cd '\(pair.source)'; for f in same edited mode owner time attribute gone one moved; do echo "$f: content" >$f; done
        setfattr -n user.x -v first attribute; ln -s target link; ln one two
        mkdir -p tree/a/b/c tree/empty; echo deep >tree/a/b/c/f; ln tree/a/b/c/f tree/a/again; mkfifo tree/a/pipe
        """)
      let backup = try pair.backup()
      if !isRunning { #expect(try backup.terminate() == 0) }
      #expect(try pair.scrub() == [:])
      try shell("cd '\(pair.destination)'; \(Self.meddling)")
      let found = try pair.scrub()
      for (path, what) in [
        "same": "edited", "edited": "edited", "mode": "attributes", "owner": "attributes", "time": "attributes",
        "attribute": "attributes", "gone": "missing", "tree/a": "missing", "tree/foreign": "foreign",
        "link": "missing", "moved": "missing", "elsewhere": "foreign", "tree": "attributes",
      ] {
        #expect(found[path] == what, "\(kind) \(path): \(found)")
      }
      #expect(found["one"] != nil || found["two"] != nil, "\(found)")
      if isRunning { try backup.flush() }
      try pair.expectEqual("\(kind), running: \(isRunning)")
      let foreign = "\(pair.destination)/.treeline/foreign"
      try shell("cd '\(foreign)'; grep -q Xame same; grep -q edited edited; test -f foreign/deep/f; test -f elsewhere")
      #expect(try pair.scrub() == [:])
      if isRunning { #expect(try backup.terminate() == 0) }
      try pair.once()
      try pair.expectEqual("\(kind), again")
    }

    @Test func whatTheSourceHasNotIsReported() throws {
      let pair = try Pair(.ext4)
      try shell("cd '\(pair.source)'; echo one >f; echo two >g")
      try pair.once()
      #expect(try pair.scrub() == [:])
      try shell(
        """
        cd '\(pair.destination)'; touch -r f ../stamp; echo own >f; touch -r ../stamp f
        chmod 600 g; mv '\(pair.source)' '\(pair.source)-away'
        """)
      let found = try treeline(["scrub", pair.destination, "--journal", pair.scene.journal])
      #expect(found.exitCode == 3, "\(found)")
      #expect(found.standardOutput.contains("f\tsomebody changed it; not repaired"), "\(found)")
      #expect(found.standardOutput.contains("g\tsomebody changed its attributes; repaired"), "\(found)")
      // It is not taken for right the next time either.
      #expect(try treeline(["scrub", pair.destination, "--journal", pair.scene.journal]).exitCode == 3)
      try shell("mv '\(pair.source)-away' '\(pair.source)'")
      #expect(try pair.scrub() == ["f": "edited"])
      try pair.expectEqual()
      let only = try treeline(["scrub", "--no-repair", pair.destination, "--journal", pair.scene.journal])
      #expect(only.exitCode == 0, "\(only)")
    }

    @Test func withoutTheJournalContentsAreComparedWithWhatTheyWere() throws {
      let pair = try Pair(.ext4)
      try shell("cd '\(pair.source)'; echo one >f; mkdir d; echo two >d/g")
      try pair.once()
      let first = try treeline(["scrub", pair.destination])
      #expect(first.exitCode == 0 && first.standardError.contains("not known here"), "\(first)")
      try shell("cd '\(pair.destination)'; echo own >d/g")
      let second = try treeline(["scrub", pair.destination])
      #expect(second.exitCode == 3 && second.standardOutput.hasPrefix("d/g\tsomebody changed it"), "\(second)")
    }

    @Test func whatIsKeptOfOldFilesIsReadToo() throws {
      let pair = try Pair(.ext4)
      try shell("echo one >'\(pair.source)/f'")
      try pair.once()
      #expect(try pair.scrub() == [:])
      try shell("echo two >'\(pair.source)/f'")
      try pair.once()
      #expect(try pair.scrub() == [:])
      try shell("f=$(find '\(pair.destination)/.treeline/versions' -type f -links 1 ! -name since); echo three >$f")
      let found = try pair.scrub(expecting: 3)
      #expect(found.count == 1 && found.first!.key.hasPrefix(".treeline/versions/"), "\(found)")
    }

    @Test func aScrubThatIsStoppedGoesOn() throws {
      let pair = try Pair(.ext4)
      try shell("cd '\(pair.source)'; seq 40 | while read n; do head -c 600000 /dev/urandom >$n; done")
      try pair.once()
      let child = try Child(
        [Products.treeline, "scrub", "--rate", "2M", pair.destination, "--journal", pair.scene.journal])
      // Some files were read whole.
      func bytesRead() -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(child.processID)/io", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").first.flatMap { Int($0.dropFirst(7)) } ?? 0
      }
      #expect(eventually(within: .seconds(30)) { bytesRead() > 3_000_000 })
      child.signal(SIGTERM)
      #expect(child.wait(timeout: .seconds(30)) == 0, "\(child.standardError)")
      #expect(child.standardError.contains("the next scrub goes on"), "\(child.standardError)")
      let second = try treeline(["scrub", pair.destination, "--journal", pair.scene.journal])
      #expect(second.exitCode == 0 && second.standardError.contains("went on with the last scrub"), "\(second)")
      #expect(try pair.scrub() == [:])
    }
  }
}
