import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Files that are no ordinary read: swapped, growing, shrinking, huge, or denied.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsContentTests {
    @Test(arguments: Thoroughness.filesystems)
    func whatIsSwappedInForAFileIsNeverRead(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell(
        """
        cd '\(scene.source)'; mkfifo fifo-x; mknod device-x c 1 5; mknod block-x b 7 250; ln -s /etc/passwd link-x
        for i in fifo device block link; do echo content > $i; done
        """)
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      let swaps = ["fifo", "device", "block", "link"].map {
        Swapping("\(scene.source)/\($0)", with: "\(scene.source)/\($0)-x")
      }
      // The file is written under whichever name it has, and so is to be copied all the time.
      try shell(
        """
        cd '\(scene.source)'
        for i in $(seq \(Thoroughness.isFull ? 60 : 15)); do
          for f in *; do test -f $f -a ! -L $f && timeout 1 dd if=/etc/hostname of=$f oflag=nonblock,nofollow conv=nocreat status=none || true; done
        done
        """)
      _ = try treeline(["flush", "--timeout", "5s", scene.journal])
      for swap in swaps { swap.stop() }
      let isConverged = try eventually(within: .seconds(20)) { try treeline(["flush", scene.journal]).exitCode == 0 }
      #expect(isConverged, "\(backup.errorOutput.suffix(2000))")
      try scene.expectExact(backup, "\(kind)")
      let copied = try run(["grep", "-rls", "root:", scene.destination])
      #expect(copied.standardOutput == "", "content from outside: \(copied)")
    }

    @Test(arguments: Thoroughness.filesystems)
    func filesThatGrowAndShrinkWhileTheyAreReadEndInTheirLastState(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("cd '\(scene.source)'; for f in grow shrink gone; do head -c 8M /dev/urandom > $f; done")
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      try shell(
        """
        cd '\(scene.source)'
        for i in $(seq 40); do
          head -c 200k /dev/urandom >> grow
          truncate -s $((8000000 - i * 150000)) shrink; echo $i >> shrink
          head -c 1M /dev/urandom > gone; rm gone; echo $i > gone
        done; rm gone
        """)
      try scene.expectExact(backup, "\(kind)")
    }

    /// One byte in the middle of nothing: neither the time nor the space of what is not there.
    @Test(arguments: sourceKinds)
    func aFileOfATebibyteOfHolesIsCopiedWithItsHoles(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell(
        """
        cd '\(scene.source)'; truncate -s 1T sparse
        for at in 0 500000000000 1099511627775; do printf x | dd of=sparse bs=1 seek=$at conv=notrunc status=none; done
        """)
      let command = ["backup", "--once", "--quiet", scene.source, scene.destination, "--journal", scene.journal]
      let backup = try treeline(command, timeout: .seconds(60))
      #expect(backup.exitCode == 0, "\(backup)")
      func look(_ at: String) throws -> String {
        try shell(
          """
          cd '\(at)'; stat -c '%s %y' sparse; for at in 0 499999999999 1099511627774; do
            dd if=sparse bs=1 skip=$at count=3 status=none | od -An -tx1; done
          """).standardOutput
      }
      #expect(try look(scene.source) == look(scene.destination))
      let blocks = Int(try shell("stat -c %b '\(scene.destination)/sparse'").standardOutput.dropLast()) ?? .max
      #expect(blocks < 2_048, "the copy takes \(blocks) blocks")
      // And again where only a little of it changes.
      try shell("cd '\(scene.source)'; printf y | dd of=sparse bs=1 seek=500000000000 conv=notrunc status=none")
      let again = try treeline(command, timeout: .seconds(60))
      #expect(again.exitCode == 0, "\(again)")
      #expect(try look(scene.source) == look(scene.destination))
    }
  }
}
