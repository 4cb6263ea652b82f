import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What is asked and cannot be done well is refused before anything is written.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsSetupTests {
    private func listing(_ scene: Scene) throws -> String {
      try shell("find '\(scene.filesystem.root)' -printf '%p %i %s %T@ %C@\\n' | sort").standardOutput
    }

    /// Source and destination, in which S is the source and D the destination.
    @Test(arguments: [
      "S S/d", "S/d S", "S S", "S S/.", "S/. S/", "S link", "link S", "S link/d", "S bind", "bind S", "S bind/d", "bind/d S",
    ])
    func directoriesInOneAnotherAreRefused(pair: String) throws {
      let scene = try Scene(.ext4)
      let root = scene.filesystem.root
      try shell(
        "cd '\(root)'; mkdir source/d bind; echo f > source/d/f; ln -s source link; mount --bind source bind")
      defer { _ = try? run(["umount", "-l", "\(root)/bind"]) }
      let paths = pair.split(separator: " ").map { part in
        "\(root)/" + part.replacingOccurrences(of: "S", with: "source")
      }
      let before = try listing(scene)
      let refused = try treeline(["backup", "--once", paths[0], paths[1], "--journal", scene.journal])
      #expect([1, 64].contains(refused.exitCode), "\(refused)")
      #expect(try listing(scene) == before, "something was written")
      #expect(access(scene.journal, F_OK) != 0, "a journal was made")
    }

    @Test func aJournalInTheSourceIsLeftOutAndAtRest() throws {
      let scene = try Scene(.ext4)
      let journal = "\(scene.source)/journal"
      try shell("echo f > '\(scene.source)/f'")
      let backup = try TreelineProcess(["backup", scene.source, scene.destination], journal: journal)
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try entryCount(scene.destination) == 1)
      let before = try backup.status()["captured"] as? Int
      let processor = try backup.processorTicks()
      sleep(2)  // what is measured is that nothing happens
      #expect(try backup.status()["captured"] as? Int == before)
      #expect(try backup.processorTicks() - processor <= 4)
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: ["destination", "destination/journal"])
    func aJournalInTheDestinationIsRefused(place: String) throws {
      let scene = try Scene(.ext4)
      let before = try listing(scene)
      let refused = try treeline(
        ["backup", "--once", scene.source, scene.destination, "--journal", scene.filesystem[place]])
      #expect([1, 64].contains(refused.exitCode), "\(refused)")
      #expect(try listing(scene) == before)
    }

    @Test func aSourceThatIsNoDirectoryIsRefused() throws {
      let scene = try Scene(.ext4)
      try shell("echo f > '\(scene.source)/f'")
      let file = try treeline(["backup", "\(scene.source)/f", scene.destination, "--journal", scene.journal])
      #expect(file.exitCode == 1 && file.standardError.contains("not a directory"), "\(file)")
      let missing = try treeline(["backup", "--once", "\(scene.source)/none", scene.destination, "--journal", scene.journal])
      #expect(missing.exitCode == 4, "\(missing)")
      #expect(try entryCount(scene.destination) == 0)
    }

    @Test func anOverlayWithoutHandlesIsWatchedByItsDirectories() throws {
      let scene = try Scene(.ext4)
      let root = scene.filesystem.root
      try shell(
        "cd '\(root)'; mkdir lower upper work over; echo f > lower/f; mount -t overlay o -o lowerdir=lower,upperdir=upper,workdir=work over")
      defer { _ = try? run(["umount", "-l", "\(root)/over"]) }
      let arguments = ["backup", "--once", "\(root)/over", scene.destination, "--journal", scene.journal]
      let refused = try treeline(arguments + ["--mark", "filesystem"])
      #expect(refused.exitCode == 1 && refused.standardError.contains("nfs_export"), "\(refused)")
      let output = try treeline(arguments)
      #expect(output.exitCode == 0 && output.standardError.contains("each directory is, one by one"), "\(output)")
      #expect(try difference(between: "\(root)/over", and: scene.destination) == nil)
    }

    @Test func theSecondOfTwoIsToldWhoIsFirst() throws {
      let scene = try Scene(.ext4)
      try FileManager.default.createDirectory(atPath: scene.filesystem["other"], withIntermediateDirectories: false)
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      let second = try treeline(["backup", "--once", scene.source, scene.filesystem["other"], "--journal", scene.journal])
      #expect(second.exitCode == 7 && second.standardError.contains("\(backup.processID)"), "\(second)")
      // Into the same destination, from the same journal: while it writes, a replay is refused.
      try shell("echo f > '\(scene.source)/f'")
      try backup.flush()
      backup.send(SIGSTOP)
      let replay = try treeline(["replay", scene.journal, scene.destination])
      #expect(replay.exitCode == 7 && replay.standardError.contains("\(backup.processID)"), "\(replay)")
      backup.kill9()
      let after = try treeline(["backup", "--once", scene.source, scene.destination, "--journal", scene.journal])
      #expect(after.exitCode == 0, "a kill did not release the lock: \(after)")
    }

    /// A process that is killed lets go of its locks a little later.
    @Test func whoseLockIsAboutToGoIsWaitedFor() throws {
      let scene = try Scene(.ext4)
      try scene.record("echo f > f")
      let lock = open("\(scene.journal)/lock", O_RDWR | O_CLOEXEC)
      var whole = flock()
      whole.l_type = Int16(F_WRLCK)
      #expect(fcntl(lock, F_SETLK, &whole) == 0)
      let recording = try TreelineProcess(["record", scene.source], journal: scene.journal)
      // Once it has the file open, it has been refused, or is in the next moment.
      let files = "/proc/\(recording.processID)/fd"
      #expect(
        eventually(within: .seconds(30)) {
          let open = (try? FileManager.default.contentsOfDirectory(atPath: files)) ?? []
          return open.contains { (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(files)/\($0)")) == "\(scene.journal)/lock" }
        })
      close(lock)
      try recording.waitUntilReady()
      #expect(try recording.terminate() == 0)
    }

    @Test(arguments: ["times", "checksum"])
    func aDestinationThatIsNotEmptyIsTakenOverOnlyWhenAsked(adopt: String) throws {
      let scene = try Scene(.ext4)
      try shell(
        """
        cd '\(scene.source)'; echo same > same; echo content > differs; mkdir directory; echo in > directory/in; echo file > file
        cp -a . ../destination/
        cd ../destination; echo foreign > foreign; rm -r directory; echo x > directory; rm file; mkdir file; echo y > file/y
        echo changed > differs; mkdir deep; echo z > deep/z; chattr +i foreign; cd ../source; echo extra > extra
        """)
      let command = ["backup", "--once", scene.source, scene.destination, "--journal", scene.journal]
      let before = try shell("ls -lR '\(scene.destination)'").standardOutput
      let refused = try treeline(command)
      #expect(refused.exitCode == 1 && refused.standardError.contains("--adopt"), "\(refused)")
      #expect(try shell("ls -lR '\(scene.destination)'").standardOutput == before)
      let adopted = try treeline(command + ["--adopt", adopt])
      #expect(adopted.exitCode == 0, "\(adopted)")
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      _ = try? run(["chattr", "-R", "-i", scene.destination])
    }

    @Test func aSourceThatCannotBeWatchedIsToldWithWhatWouldHelp() throws {
      let scene = try Scene(.ext4)
      func refusal(_ source: String, as user: [String] = []) throws -> CommandOutput {
        try run(
          user + [Products.treeline, "backup", "--once", "--mark", "filesystem", source, scene.destination, "--journal", scene.journal])
      }
      let missing = try refusal("\(scene.source)/none")
      #expect(missing.exitCode == 4 && missing.standardError.contains("none"), "\(missing)")
      // The program itself must be within anybody's reach.
      let elsewhere = try TemporaryDirectory()
      try shell("chmod 755 '\(elsewhere.path)'; install -m 755 '\(Products.treeline)' '\(elsewhere["treeline"])'")
      let unprivileged = try run([
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", elsewhere["treeline"],
        "backup", "--once", "--mark", "filesystem", "/usr/share/doc", "/var/tmp/treeline-none", "--journal", "/var/tmp/treeline-none-journal",
      ])
      #expect(
        unprivileged.exitCode == 1 && unprivileged.standardError.contains("CAP_SYS_ADMIN"), "\(unprivileged)")
      #expect(try entryCount(scene.destination) == 0)
    }

    @Test func flagsThatMayNotBeSetAreToldOnceAndGivenBackByARestore() throws {
      guard findTool("setpriv") != nil else { return announceSkip("flags", because: "setpriv is not installed") }
      let scene = try Scene(.ext4)
      try shell("cd '\(scene.source)'; mkdir d; echo f > d/f; echo g > g; chattr +i d/f g d; chattr +d .")
      let backup = try run([
        "setpriv", "--bounding-set", "-linux_immutable", "--inh-caps", "-linux_immutable", Products.treeline,
        "backup", "--once", scene.source, scene.destination, "--journal", scene.journal,
      ])
      #expect(backup.exitCode == 3, "\(backup)")
      let told = backup.standardError.split(separator: "\n").filter { $0.contains("immutable") }
      #expect(told.count == 1, "\(backup)")
      for name in ["d: ", "d/f: ", "g: "] { #expect(backup.standardError.contains(name), "\(backup)") }
      let verify = try treeline(["verify", scene.source, scene.destination])
      #expect(verify.exitCode == 3 && verify.standardOutput.contains("flags"), "\(verify)")
      let back = scene.filesystem["back"]
      let restored = try treeline(["restore", scene.destination, "--at", "2100-01-01T00:00:00Z", "--to", back])
      #expect(restored.exitCode == 0, "\(restored)")
      #expect(try difference(between: scene.source, and: back) == nil)
      let again = try treeline(["backup", "--once", scene.source, scene.destination, "--journal", scene.journal])
      #expect(again.exitCode == 0, "\(again)")
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
    }

    @Test func whatADestinationCannotHoldIsTold() throws {
      let scene = try Scene(.ext4)
      try shell(
        "cd '\(scene.source)'; echo f > f; setfattr -n user.x -v 1 f; setfacl -m u:5:r f; chown 5:6 f; chmod 640 f")
      try shell("mount -t ramfs treeline-test '\(scene.destination)'; mkdir '\(scene.destination)/d'")
      defer { _ = try? run(["umount", "-l", scene.destination]) }
      let destination = "\(scene.destination)/d"
      let backup = try treeline(["backup", "--once", scene.source, destination, "--journal", scene.journal])
      for lost in ["user", "posix_acl_access"] { #expect(backup.standardError.contains(lost), "\(backup)") }
      #expect(try shell("cat '\(destination)/f'; stat -c '%a %u %g' '\(destination)/f'").standardOutput == "f\n640 5 6\n")
      let verify = try treeline(["verify", scene.source, destination])
      #expect(verify.exitCode == 3 && verify.standardOutput.contains("extended attributes"), "\(verify)")
      // It is told by each run, and by status and flush, until the object has nothing more to lose.
      let told = "f: the destination cannot hold all of it: ACL, extended attributes"
      let replay = try treeline(["replay", "--quiet", scene.journal, destination])
      for run in [backup, replay] {
        #expect(run.exitCode == 3 && run.standardError.contains(told), "\(run)")
      }
      let running = try TreelineProcess(["backup", scene.source, destination], journal: scene.journal)
      try running.waitUntilReady()
      let flushed = try treeline(["flush", scene.journal])
      #expect(flushed.exitCode == 3 && flushed.standardError.contains(told), "\(flushed)")
      #expect((try running.status()["errors"] as? [Any] ?? []).count == 1)
      try shell("cd '\(scene.source)'; setfattr -x user.x f; setfacl -b f; chmod 640 f")
      try running.flush()
      #expect((try running.status()["errors"] as? [Any] ?? []).isEmpty)
      #expect(try running.terminate() == 0)
      #expect(try difference(between: scene.source, and: destination) == nil)
    }

    /// ext4 with inodes of 128 bytes keeps whole seconds; it cuts the rest and reports nothing.
    @Test func aDestinationThatCutsTimesIsTold() throws {
      let scene = try Scene(.ext4)
      let image = scene.filesystem["image"]
      try shell("truncate -s 64M '\(image)'; mkfs.ext4 -q -I 128 '\(image)'; mount -o loop '\(image)' '\(scene.destination)'")
      defer { _ = try? run(["umount", "-l", scene.destination]) }
      try shell(
        """
        mkdir '\(scene.destination)/d'; cd '\(scene.source)'; echo f > f; touch -d '2001-02-03 04:05:06.5' f
        echo g > g; touch -d '2001-02-03 04:05:06' g .
        """)
      let destination = "\(scene.destination)/d"
      let command = ["backup", "--once", "--quiet", scene.source, destination, "--journal", scene.journal]
      let backup = try treeline(command)
      #expect(backup.exitCode == 3 && backup.standardError.contains("f: the destination cannot hold all of it: time"), "\(backup)")
      #expect(!backup.standardError.contains("warning: g: "), "\(backup)")
      try shell("touch -d '2001-02-03 04:05:07' '\(scene.source)/f'")
      let whole = try treeline(command)
      #expect(whole.exitCode == 0, "\(whole)")
      #expect(try difference(between: scene.source, and: destination) == nil)
    }

    /// ext4 has one block for all extended attributes of an object; xfs has 64 KiB for each.
    @Test func anAttributeThatIsTooLongForADestinationIsToldAndTheRestIsDone() throws {
      if let reason = Filesystem.reasonToSkip(.xfs) { return announceSkip("long attributes", because: reason) }
      let scene = try Scene(.ext4)
      let xfs = try Filesystem(.xfs)
      try shell("cd '\(xfs.root)'; echo f > f; setfattr -n user.long -v $(printf 'x%.0s' {1..30000}) f; echo g > g")
      let command = ["backup", "--once", "--quiet", xfs.root, scene.destination, "--journal", scene.journal]
      let backup = try treeline(command)
      #expect(backup.exitCode == 3 && backup.standardError.contains("f: the destination cannot hold"), "\(backup)")
      #expect(try entryCount(scene.destination) == 2)
      try shell("rm '\(xfs.root)/f'")
      let done = try treeline(command)
      #expect(done.exitCode == 0, "\(done)")
    }

    @Test(arguments: Thoroughness.filesystems)
    func limitsOfTheProcessAreToldAndTheNextRunFinishes(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("cd '\(scene.source)'; head -c 1M /dev/urandom > big; echo small > small")
      let command = ["backup", "--once", scene.source, scene.destination, "--journal", scene.journal]
      let limited = try run(["bash", "-c", "ulimit -f 100; exec \"$@\"", "x", Products.treeline] + command)
      #expect(limited.exitCode == 3 && limited.standardError.contains("big: "), "\(limited)")
      #expect(access("\(scene.destination)/big", F_OK) != 0, "a part of it is there")
      let free = try treeline(command)
      #expect(free.exitCode == 0, "\(free)")
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
    }

    @Test func unusualSurroundingsDoNoHarm() throws {
      let scene = try Scene(.ext4)
      // Bytes that are no text, a newline, a percent sign and a leading dash.
      let names = "$'-n\\xff\\n%s'"
      try shell(
        """
        cd '\(scene.filesystem.root)'; mkdir -- \(names) 'd -e'; mkdir -- \(names)/d; echo f > ./\(names)/d/f; chmod 640 ./\(names)/d/f
        for i in $(seq 300); do mkdir -p ./\(names)/many/$i; echo $i > ./\(names)/many/$i/f; done
        """)
      let exec = "exec '\(Products.treeline)'"
      let here = "cd '\(scene.filesystem.root)'; "
      let odd = try run([
        "bash", "-c",
        here + "ulimit -n 64; umask 0777; \(exec) backup --once --quiet --journal '\(scene.journal)' -- \(names) 'd -e' <&- >&-",
      ])
      #expect(odd.exitCode == 0, "\(odd)")
      try shell(here + "'\(Products.treecompare)' --destination ./\(names) 'd -e'")
      let full = try run(["bash", "-c", "'\(Products.treeline)' journal show '\(scene.journal)' > /dev/full"])
      #expect(full.exitCode > 0, "\(full)")
      let gone = try run([
        "bash", "-c",
        here + "mkdir gone; cd gone; rmdir ../gone; \(exec) backup --once --quiet \"$1\" '\(scene.replayed)' --journal '\(scene.journal)2'",
        "x", scene.source,
      ])
      #expect(gone.exitCode == 0, "\(gone)")
      let mode = try shell("stat -c %a '\(scene.journal)'").standardOutput
      #expect(mode == "700\n", "the journal has mode \(mode)")
    }
  }
}
