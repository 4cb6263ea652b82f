import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// What could not be read for a while is read by itself when it can be. On ext4 alone: debugfs(8) tells which
  /// block is a directory's.
  @Suite(.enabled(if: canInjectFaults && findTool("debugfs") != nil, "needs root, loop devices and debugfs"))
  struct FaultsHealingTests {
    /// Overwrites the block of a directory beneath the filesystem, and keeps what was in it; without
    /// caches the next look finds it broken. Freezing empties the filesystem's journal, which would
    /// otherwise hold the block in memory and write it once more.
    private func breakDirectory(_ path: String, on own: Filesystem) throws {
      let image = image(of: own)
      try shell(
        """
        fsfreeze -f '\(own.root)'; fsfreeze -u '\(own.root)'
        inode=$(stat -c %i '\(path)'); size=$(stat -fc %S '\(own.root)')
        block=$(debugfs -R "blocks <$inode>" '\(image)' 2>/dev/null | tr -d ' \\n')
        echo $size $block > '\(image).place'
        dd if='\(image)' of='\(image).block' bs=$size skip=$block count=1 status=none
        dd if=/dev/zero of='\(image)' bs=$size seek=$block count=1 conv=notrunc status=none
        echo 3 > /proc/sys/vm/drop_caches
        """)
    }

    private func repairDirectory(on own: Filesystem) throws {
      let image = image(of: own)
      try shell(
        """
        read size block < '\(image).place'
        dd if='\(image).block' of='\(image)' bs=$size seek=$block count=1 conv=notrunc status=none
        echo 3 > /proc/sys/vm/drop_caches
        """)
    }

    private func image(of own: Filesystem) -> String {
      URL(fileURLWithPath: own.root).deletingLastPathComponent().appendingPathComponent("image").path
    }

    /// What cannot be read now; that the filesystem reported errors is told until a person goes on.
    private func errors(_ backup: TreelineProcess) throws -> [[String: Any]] {
      let all = try backup.status()["errors"] as? [[String: Any]] ?? []
      return all.filter { ($0["message"] as? String)?.contains("error of its own") != true }
    }

    @Test func aDirectoryThatCannotBeListedForAWhileHealsWithoutFlush() throws {
      let scene = try Scene(.ext4)
      let own = try Filesystem(.ext4, bytes: 64 << 20)
      let source = own["source"]
      try shell("mkdir -p '\(source)/d/e'; cd '\(source)/d'; for i in 1 2 3; do echo $i > $i; done; echo e > e/f")
      try breakDirectory("\(source)/d", on: own)
      #expect(try run(["ls", "\(source)/d"]).exitCode != 0, "the directory is not broken")
      let backup = try TreelineProcess(["backup", source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      #expect(try errors(backup).count == 1, "\(backup.errorOutput)")
      #expect(try treeline(["flush", scene.journal]).exitCode == 3)
      try repairDirectory(on: own)
      let healed = try eventually(within: .seconds(20)) { try errors(backup).isEmpty }
      #expect(healed, "\(backup.errorOutput)")
      let copied = eventually(within: .seconds(10)) {
        (try? difference(between: source, and: scene.destination)) == .some(nil)
      }
      #expect(copied, "\(backup.errorOutput)")
      try backup.flush()
      #expect(try backup.terminate() == 0)
    }

    @Test func anEventInABrokenDirectoryHasItTriedAtOnce() throws {
      let scene = try Scene(.ext4)
      let own = try Filesystem(.ext4, bytes: 64 << 20)
      let source = own["source"]
      try shell("mkdir -p '\(source)/d'; echo 1 > '\(source)/d/1'")
      try breakDirectory("\(source)/d", on: own)
      let backup = try TreelineProcess(["backup", source, scene.destination], journal: scene.journal)
      try backup.waitUntilReady()
      sleep(7)  // tries at 2 and 6 s; without an event the next one comes at 14 s
      try repairDirectory(on: own)
      try shell("touch '\(source)/d'")
      let healed = try eventually(within: .seconds(4)) { try errors(backup).isEmpty }
      #expect(healed, "\(backup.errorOutput)")
      try backup.flush()
      #expect(try difference(between: source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }
  }
}
