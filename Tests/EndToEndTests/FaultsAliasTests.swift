import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// A change is seen whichever way leads to the object, and whichever call makes it.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsAliasTests {
    /// What is done while the backup runs, in the filesystem's root: `source` is watched.
    private static let ways = [
      "a bind mount": "mount --bind source alias; echo more >> alias/f; mv alias/g alias/d/g; umount alias",
      "another mount namespace":
        "unshare -m bash -euc 'mount --bind source alias; echo more >> alias/f; rm alias/g; ln alias/f alias/d/f'",
      "a mount of a directory within": "mount --bind source/d alias; echo in > alias/in; mkdir alias/e; umount alias",
      "a descriptor from before": "echo more >&9; chmod 640 /proc/self/fd/9",
      "a link from outside": "echo more >> outside/f; setfattr -n user.x -v 1 outside/f; truncate -s 3 outside/f",
      "the path of the process": "cd source; exec 8>> f; mv f h; echo more >&8; truncate -s 2 /proc/self/fd/8",
      "io_uring": "RING write source/f more; RING write source/new more",
      "io_uring for names": "RING rename source/g source/d/h; RING unlink source/f; RING mkdir source/n",
      "copy_file_range": "RING copy outside/large source/f; RING copy outside/large source/new",
      "a reflink": "cp --reflink=auto outside/large source/f; cp --reflink=auto outside/large source/new",
      "a part of a reflink": "RING clone outside/large source/f",
    ]

    @Test(arguments: sourceKinds)
    func everyWayIsSeen(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let ring = Products.tool("ring")
      let backup = try scene.backup()
      try backup.waitUntilReady()
      for (way, script) in Self.ways.sorted(by: { $0.key < $1.key }) {
        try shell(
          """
          cd '\(scene.filesystem.root)'; rm -rf source/* outside/*; mkdir -p alias source/d
          echo f > source/f; echo g > source/g; ln source/f outside/f; head -c 300k /dev/urandom > outside/large; sync -f .
          """)
        try backup.flush()
        // The descriptor is older than all that the backup knows.
        let done = try run([
          "bash", "-euc",
          """
          cd '\(scene.filesystem.root)'; exec 9>> source/f; '\(Products.treeline)' flush '\(scene.journal)'
          \(script.replacingOccurrences(of: "RING", with: "'\(ring)'"))
          """,
        ])
        // A filesystem without reflinks, or a kernel without io_uring for this call, says so.
        if done.exitCode == 77 { announceSkip("\(way) on \(kind)", because: done.standardError) }
        #expect(done.exitCode == 0 || done.exitCode == 77, "\(way): \(done)")
        try backup.flush()
        let differs = try difference(between: scene.source, and: scene.destination)
        #expect(differs == nil, "\(way) was not seen on \(kind)")
      }
      try scene.expectExact(backup, "\(kind)")
    }
  }
}
