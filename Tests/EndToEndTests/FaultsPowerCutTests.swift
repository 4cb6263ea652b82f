import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What a power cut may leave in a source: old content under new times, with the size it had.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsPowerCutTests {
    /// The old content is written back where the new one lies in the image of the filesystem, which nobody
    /// has mounted then: no time tells of it. What tells of the cut is another boot id.
    @Test(arguments: Thoroughness.filesystems)
    func contentThatNeverReachedTheDiskIsComparedAfterAnotherBoot(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("a power cut on \(kind)", because: reason) }
      let scene = try Scene(.ext4)
      let own = try Filesystem(kind, bytes: 512 << 20)
      let source = own["source"]
      // btrfs finds changed content by its checksums, but for files without copy-on-write.
      try shell(
        """
        mkdir '\(source)'; \(kind == .btrfs ? "chattr +C '\(source)'" : "true"); cd '\(source)'
        for i in $(seq 10 19); do yes OLD-CONTENT-$i | head -c 8192 > $i; done
        """)
      let arguments = ["backup", source, scene.destination]
      let killed = try TreelineProcess(arguments + ["--settle", "0"], journal: scene.journal)
      try killed.waitUntilReady()
      try shell("cd '\(source)'; for i in $(seq 10 19); do yes NEW-CONTENT-$i | head -c 8192 > $i; done; sync -f .")
      try killed.flush()
      #expect(try difference(between: source, and: scene.destination) == nil)
      killed.kill9()
      let image = URL(fileURLWithPath: own.root).deletingLastPathComponent().appendingPathComponent("image").path
      try shell(
        """
        umount '\(own.root)'
        for at in $(LC_ALL=C grep -abo NEW-CONTENT-15 '\(image)' | cut -d: -f1); do
          printf OLD-CONTENT-15 | dd of='\(image)' bs=1 seek=$at conv=notrunc status=none
        done
        mount -o loop '\(image)' '\(own.root)'
        """)
      #expect(try shell("head -n 1 '\(source)/15'").standardOutput == "OLD-CONTENT-15\n", "the cut is not what it should be")
      let boot = scene.filesystem["boot"]
      try shell("echo 11111111-2222-3333-4444-555555555555 > '\(boot)'")
      let after = try run([
        "unshare", "-m", "bash", "-euc", "mount --bind \"$0\" /proc/sys/kernel/random/boot_id; exec \"$@\"", boot,
        Products.treeline, "backup", "--once", "--quiet", source, scene.destination, "--journal", scene.journal,
      ])
      #expect(after.exitCode == 0, "\(after)")
      #expect(try difference(between: source, and: scene.destination) == nil, "the destination does not follow")
    }
  }
}
