import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Whoever may write in the source or the destination reaches nothing beyond it.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsAttackTests {
    /// Files in `d`, and a directory outside with the names and another content.
    private func scene(files: Int = 2_000) throws -> (Scene, canary: String) {
      let scene = try Scene(.ext4)
      let canary = scene.filesystem["canary"]
      try shell(
        """
        mkdir '\(scene.source)/d' '\(canary)'
        for i in $(seq \(files)); do echo content > '\(scene.source)/d/'$i; done
        for i in $(seq \(files)); do echo SECRET > '\(canary)/'$i; done; chmod 600 '\(canary)'/*
        """)
      return (scene, canary)
    }

    private func fingerprint(_ directory: String) throws -> String {
      try shell("cd '\(directory)'; find . -printf '%p %i %m %u %s %T@ %C@\\n' | sort; cat * | cksum").standardOutput
    }

    @Test(arguments: ["replay", "backup"])
    func aLinkInTheDestinationLeadsNowhere(how: String) throws {
      let files = Thoroughness.isFull ? 10_000 : 2_000
      let (scene, canary) = try scene(files: files)
      let before = try fingerprint(canary)
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      try backup.flush()
      if how == "replay" { #expect(try backup.terminate() == 0) }
      try shell("ln -s '\(canary)' '\(scene.destination)/x'")
      let attack = Swapping("\(scene.destination)/d", with: "\(scene.destination)/x")
      let end = ContinuousClock.now + .seconds(60)
      repeat {
        try shell(
          """
          cd '\(scene.source)/d'; for i in $(seq 1 2 \(files)); do echo more >> $i; done; rm -f $(seq 2 4 \(files))
          chmod 640 *; seq 1 4 \(files) | sed 's/$/.new/' | xargs touch
          """)
        if how == "backup" {
          _ = try treeline(["flush", "--timeout", "3s", scene.journal])
        } else {
          let once = ["backup", "--once", "--quiet", scene.source, scene.destination, "--journal", scene.journal]
          _ = try treeline(once + ["--max-delete", "100"])
        }
        try shell("rm -f '\(scene.source)'/d/*.new")
      } while Thoroughness.isFull && ContinuousClock.now < end
      attack.stop()
      #expect(try fingerprint(canary) == before, "the canary changed")
    }

    @Test(arguments: ["scan", "follow"])
    func aLinkInTheSourceBringsNothingFromOutside(when: String) throws {
      let (scene, canary) = try scene()
      try shell("ln -s '\(canary)' '\(scene.source)/x'")
      var attack: Swapping? = nil
      if when == "scan" { attack = Swapping("\(scene.source)/d", with: "\(scene.source)/x") }
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      if attack == nil { attack = Swapping("\(scene.source)/d", with: "\(scene.source)/x") }
      for _ in 0..<3 {
        // Written by a descriptor of the directory, whatever its name is.
        try shell(
          """
          cd '\(scene.source)'
          until cd -P d 2>/dev/null && case $PWD in */source/*) true;; *) false;; esac; do cd '\(scene.source)'; done
          for i in $(seq 300); do echo more > $i; done
          """)
        _ = try treeline(["flush", "--timeout", "2s", scene.journal])
        let leaked = try run(["grep", "-rls", "SECRET", scene.destination])
        #expect(leaked.standardOutput == "", "content from outside: \(leaked)")
      }
      attack?.stop()
      let converged = try eventually(within: .seconds(15)) { try treeline(["flush", scene.journal]).exitCode == 0 }
      #expect(converged)
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }

    @Test func aFileMadePrivateBeforeItsSecretIsNeverReadable() throws {
      let scene = try Scene(.ext4)
      let file = "\(scene.source)/file"
      try shell("umask 022; for i in $(seq 100); do echo public > '\(file)'$i; done")
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      try backup.flush()
      // Whoever reads must get to the files, or the test shows nothing.
      try shell("chmod 755 \"$(dirname '\(scene.filesystem.root)')\"")
      try shell("setpriv --reuid 65534 --regid 65534 --clear-groups grep -q public '\(scene.destination)/file1'")
      backup.send(SIGSTOP)
      try shell(
        "for i in $(seq 100); do echo more >> '\(file)'$i; chmod 600 '\(file)'$i; echo SECRET >> '\(file)'$i; done")
      // Anyone but the owner reads all the time.
      let reader = try Child([
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c",
        "while :; do if cat \"$1\"* 2>/dev/null | grep -q SECRET; then exit 3; fi; done", "reader",
        "\(scene.destination)/file",
      ])
      backup.send(SIGCONT)
      try backup.flush()
      try backup.flush()
      #expect(reader.isRunning, "a secret was readable: \(reader.standardError)")
      reader.signal(SIGKILL)
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }
  }
}
