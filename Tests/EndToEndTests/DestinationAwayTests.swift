import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// A destination on a disk that comes and goes, as one at the end of a cable does.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct DestinationAwayTests {
    /// A source, and disks that can be mounted as its destination.
    private struct DiskScene {
      let scene: Scene
      var source: String { scene.source }
      var destination: String { scene.destination }

      init(disks: [String] = ["disk"]) throws {
        scene = try Scene(.ext4)
        try shell("cd '\(scene.source)'; mkdir d; for i in $(seq 50); do echo $i > d/$i; done")
        for disk in disks {
          let image = scene.filesystem[disk]
          try shell("truncate -s 64M '\(image)'; mkfs.ext4 -q '\(image)'")
        }
      }

      func mount(_ disk: String = "disk") throws {
        try shell("mount -o loop '\(scene.filesystem[disk])' '\(destination)'")
      }

      /// Without force: a program that kept the disk busy would be in the way.
      func unmount() throws {
        let isFree = try eventually(within: .seconds(10)) { try run(["umount", destination]).exitCode == 0 }
        #expect(isFree, "the disk is busy")
      }

      func backup(_ options: [String] = []) throws -> TreelineProcess {
        try TreelineProcess(["backup", source, destination] + options, journal: scene.journal)
      }

      func once(_ options: [String] = []) throws -> CommandOutput {
        try treeline(["backup", "--once", source, destination, "--journal", scene.journal] + options)
      }

      func expectEqual(_ context: String) throws {
        let verify = try treeline(["verify", "--checksum", source, destination])
        #expect(verify.exitCode == 0, "\(context): \(verify)")
      }
    }

    @Test(arguments: ["umount", "umount -l"])
    func aDiskThatGoesIsWaitedForAndCatchesUp(how: String) throws {
      let disks = try DiskScene()
      try disks.mount()
      defer { _ = try? run(["umount", "-l", disks.destination]) }
      let backup = try disks.backup()
      try backup.waitUntilReady()
      try backup.flush()
      if how == "umount" { try disks.unmount() } else { try shell("\(how) '\(disks.destination)'") }
      #expect(eventually(within: .seconds(5)) { backup.state == "offline" }, "\(backup.errorOutput)")
      let since = try backup.status()["since"] as? String
      #expect(since != nil)
      for round in 0..<3 {
        try shell("cd '\(disks.source)'; echo \(round) > new; mv d e\(round); mv e\(round) d; rm d/\(round + 1)")
        let flushed = try treeline(["flush", disks.scene.journal])
        #expect(flushed.exitCode == 4 && flushed.standardError.contains("mount the disk"), "\(flushed)")
      }
      #expect(try backup.status()["since"] as? String == since)
      #expect(try entryCount(disks.destination) == 0, "the place of the disk was written to")
      #expect(access("\(disks.destination)/.treeline", F_OK) != 0)
      try disks.mount()
      #expect(eventually(within: .seconds(10)) { backup.state == "following" }, "\(backup.errorOutput)")
      try backup.flush()
      try disks.expectEqual("after it came back")
      let told = backup.errorOutput.split(separator: "\n").count { $0.contains("the copy that was there is missing") }
      #expect(told == 1, "\(backup.errorOutput)")
      #expect(try backup.terminate() == 0)
      try disks.unmount()
    }

    @Test func theEmptyPlaceOfADestinationIsNotTakenForIt() throws {
      let disks = try DiskScene()
      try disks.mount()
      defer { _ = try? run(["umount", "-l", disks.destination]) }
      #expect(try disks.once().exitCode == 0)
      try disks.unmount()
      let replay = ["replay", disks.scene.journal, disks.destination]
      for refused in [try disks.once(), try treeline(replay), try treeline(replay + ["--dry-run"])] {
        #expect(refused.exitCode == 4 && refused.standardError.contains("--adopt times"), "\(refused)")
      }
      // As it is with a file that says that nothing is mounted.
      try shell("touch '\(disks.destination)/nothing is mounted here'")
      #expect(try disks.once().exitCode == 4)
      try shell("rm '\(disks.destination)/nothing is mounted here'")
      #expect(try entryCount(disks.destination) == 0)
      // A person may want a new copy in that very place.
      #expect(try disks.once(["--adopt", "times"]).exitCode == 0)
      try disks.expectEqual("a new copy")
      #expect(try disks.once().exitCode == 0)
    }

    @Test func twoDisksInTurnAreEachBroughtUpToDate() throws {
      let disks = try DiskScene(disks: ["one", "two"])
      defer { _ = try? run(["umount", "-l", disks.destination]) }
      for (round, disk) in ["one", "two", "one", "two"].enumerated() {
        try shell("cd '\(disks.source)'; echo \(round) > round; mv d/\(round + 1) moved\(round); echo more >> d/40")
        try disks.mount(disk)
        let backup = try disks.once(round == 1 ? ["--adopt", "times"] : [])
        #expect(backup.exitCode == 0, "\(backup)")
        try disks.expectEqual("disk \(disk) in round \(round)")
        try disks.unmount()
      }
    }

    @Test func aDestinationThatIsNotThereIsToldOnceWithWhatToDo() throws {
      let disks = try DiskScene()
      try shell("rmdir '\(disks.destination)'")
      for isMade in [false, true] {
        let backup = try disks.backup()
        try backup.waitUntilReady()
        #expect(eventually(within: .seconds(5)) { backup.state == "offline" })
        #expect(try treeline(["flush", disks.scene.journal]).exitCode == 4)
        if isMade {
          try shell("mkdir '\(disks.destination)'")
          #expect(eventually(within: .seconds(10)) { backup.state == "following" }, "\(backup.errorOutput)")
          try backup.flush()
          try disks.expectEqual("after it was made")
        }
        // It does not wait for what is not there.
        #expect(try backup.terminate() == 0)
        let told = backup.errorOutput.split(separator: "\n").count { $0.contains("make that directory") }
        #expect(told == 1, "\(backup.errorOutput)")
      }
    }
  }
}
