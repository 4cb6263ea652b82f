import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What marks cost, and what is said of them.
  @Suite(.enabled(if: Products.treelineWorks, "the program is not built"))
  struct MarkTests {
    private func scene(_ kind: Filesystem.Kind = .ext4) throws -> Scene? {
      if let reason = Filesystem.reasonToSkip(kind) {
        announceSkip("marks of directories", because: reason)
        return nil
      }
      return try Scene(kind, mark: .mount)
    }

    /// How many directories a process has marked.
    private func marks(of process: TreelineProcess) throws -> Int {
      let directory = "/proc/\(process.processID)/fdinfo"
      var count = 0
      for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
        // A descriptor that is closed meanwhile is none of a group.
        let text = (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)) ?? ""
        // Directories of the program's own have marks that ignore, and are not meant.
        count += text.split(separator: "\n").filter {
          $0.hasPrefix("fanotify ino:") && $0.contains(" ignored_mask:0 ")
        }.count
      }
      return count
    }

    @Test(arguments: Thoroughness.filesystems)
    func aDirectoryThatLeftIsMarkedNoMore(kind: Filesystem.Kind) throws {
      guard let scene = try scene(kind) else { return }
      try succeed(["mkdir", "-p", "\(scene.source)/a/b/c", "\(scene.source)/d/e"])
      let backup = try scene.backup()
      try backup.waitUntilReady()
      #expect(try marks(of: backup) == 6)
      try succeed(["mkdir", "-p", "\(scene.source)/f/g"])
      try succeed(["mv", "\(scene.source)/a", scene.outside])
      try succeed(["rm", "-r", "\(scene.source)/d/e"])
      try backup.flush()
      #expect(try marks(of: backup) == 4)
      try succeed(["mv", "\(scene.outside)/a/b", scene.source])
      try succeed(["sh", "-c", "echo late > '\(scene.source)/b/c/late'; truncate -s 1 '\(scene.source)/b/c/late'"])
      try backup.flush()
      #expect(try marks(of: backup) == 6)
      try scene.expectExact(backup, "after a move out and in")
    }

    /// Events on an overlayfs tell the name alone, and that is gone when it is looked at.
    @Test func whatIsWrittenUnderAPassingNameIsCompared() throws {
      if let reason = Scene.reasonToSkip(.ext4, .overlay) {
        return announceSkip("names that pass", because: reason)
      }
      let scene = try Scene(.ext4, mark: .inode, view: .overlay)
      let age = "touch -d @1700000000"
      try shell("cd '\(scene.source)' && for i in $(seq 100); do echo first > $i; done && \(age) *")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      // Size and time do not tell either.
      try shell(
        "cd '\(scene.source)' && for i in $(seq 100); do mv $i x; echo again > x; \(age) x; mv x $i; done")
      try scene.expectExact(backup, "after writes under a name that passed")
    }

    /// Nothing but the handle in the report tells of the file: the name is gone, and was never seen to be its.
    @Test(arguments: [Scene.View.overlay, .fuse, .fuseWithBirthTimes])
    func aFileIsFoundThatWasWrittenUnderANameOfAMoment(view: Scene.View) throws {
      if let reason = Scene.reasonToSkip(.ext4, view) {
        return announceSkip("names of a moment, \(view)", because: reason)
      }
      let scene = try Scene(.ext4, mark: .inode, view: view)
      try shell("cd '\(scene.source)' && mkdir a b && echo first > a/y && ln a/y b/y2 && touch a/other")
      let backup = try scene.backup(["--sweep", "0"])
      try backup.waitUntilReady()
      // Else the first copy of the file may be a later one.
      try backup.flush()
      // As one name that nothing has afterwards, and as one that another file has.
      for end in ["", "touch a/x;"] {
        backup.send(SIGSTOP)
        try shell(
          "cd '\(scene.source)' && ln a/y a/x; { rm a/x; \(end) echo later >&3; } 3>>a/x")
        backup.send(SIGCONT)
        try backup.flush()
        #expect(try difference(between: scene.source, and: scene.destination) == nil)
      }
      try scene.expectExact(backup, "after writes under names of a moment")
    }

    /// Linux reports it as "/" on FUSE, also when it has a name, and that is the root of all to who opens it.
    @Test func aFileThatWasMadeWithoutANameIsCopiedAndNothingElse() throws {
      if let reason = Scene.reasonToSkip(.ext4, .fuse) {
        return announceSkip("files without a name on FUSE", because: reason)
      }
      let scene = try Scene(.ext4, mark: .inode, view: .fuse)
      let places = ["--root", scene.source, "--outside", scene.outside]
      try succeed([Products.workload, "setup"] + places)
      let backup = try scene.backup()
      try backup.waitUntilReady()
      for _ in 0..<3 {
        try succeed([Products.workload, "apply"] + places + ["temporary_linked"])
        try backup.flush()
      }
      try scene.expectExact(backup, "after a file was made without a name")
    }

    @Test func statusAndDoctorSayWhatAMountMarkIsNotToldOf() throws {
      guard let scene = try scene() else { return }
      let backup = try scene.backup()
      try backup.waitUntilReady()
      let status = try succeed([Products.treeline, "status", scene.journal]).standardOutput
      #expect(status.contains("mount mark"))
      #expect(status.contains("through a name outside the source"))
      let json = try succeed([Products.treeline, "status", scene.journal, "--json"]).standardOutput
      #expect(json.contains("\"mark\":\"mount\",\"unseen\":[\"stores"))
      let doctor = try run([Products.treeline, "doctor", scene.source])
      #expect(doctor.standardOutput.contains("mount mark: reports all but"))
      #expect(try backup.terminate() == 0)
    }

    @Test func whoIsRefusedWhereProcessesAreNotReported() throws {
      if let reason = Scene.reasonToSkip(.ext4, .unprivileged) {
        return announceSkip("--who without privileges", because: reason)
      }
      let scene = try Scene(.ext4, mark: .inode, view: .unprivileged)
      let output = try run(
        scene.through + [
          Products.treeline, "backup", "--once", "--who", scene.source, scene.destination, "--journal", scene.journal,
        ])
      #expect(output.exitCode == 1 && output.standardError.contains("do without --who"), "\(output)")
    }

    /// In a user namespace the limit can be set for one program.
    @Test func tooManyDirectoriesEndTheRunWithTheNameOfTheLimit() throws {
      guard let scene = try scene() else { return }
      let isPossible = try run(["unshare", "-Ur", "sh", "-c", "echo 20 > /proc/sys/user/max_fanotify_marks"])
      guard isPossible.exitCode == 0 else {
        return announceSkip("the limit of marks", because: "there are no user namespaces")
      }
      try shell("cd '\(scene.source)' && mkdir $(seq 30)")
      let command = [
        Products.treeline, "backup", "--once", "--mark", "inode", scene.source, scene.destination, "--journal",
        scene.journal,
      ].map { "'\($0)'" }.joined(separator: " ")
      let output = try run([
        "unshare", "-Ur", "sh", "-c", "echo 20 > /proc/sys/user/max_fanotify_marks; exec \(command)",
      ])
      #expect(output.exitCode == 1 && output.standardError.contains("fs.fanotify.max_user_marks"), "\(output)")
    }

    /// The mark of a mount goes with it, and nobody is told.
    @Test(arguments: Thoroughness.filesystems)
    func aSourceThatWasMountedAnewIsMarkedAnew(kind: Filesystem.Kind) throws {
      guard let scene = try scene(kind) else { return }
      // The scene's own mount stays: the source is seen through a second one.
      let elsewhere = try TemporaryDirectory()
      let mount = elsewhere["mount"]
      try succeed(["mkdir", mount])
      try succeed(["mount", "--bind", scene.source, mount])
      defer { _ = try? run(["umount", "-l", mount]) }
      let backup = try TreelineProcess(
        ["backup", mount, scene.destination, "--mark", "mount"], journal: scene.journal)
      try backup.waitUntilReady()
      try succeed(["umount", mount])
      try succeed(["mount", "--bind", scene.source, mount])
      // The look at the path comes every two seconds.
      let deadline = ContinuousClock.now + .seconds(60)
      while ContinuousClock.now < deadline, !backup.errorOutput.contains("waiting for it") {
        backup.flushIfItCan()
      }
      #expect(backup.errorOutput.contains("waiting for it"))
      try succeed(["sh", "-c", "echo new > '\(mount)/new'"])
      while ContinuousClock.now < deadline, !backup.flushIfItCan() {}
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }
  }
}

extension TreelineProcess {
  /// Flushes, which fails while the source is away.
  @discardableResult
  fileprivate func flushIfItCan() -> Bool { (try? flush()) != nil }
}
