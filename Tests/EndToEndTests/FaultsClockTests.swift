import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Times of files order nothing and prove nothing. The machine's own clock is stepped in the
  /// simulation only: everyone on the machine would see it here.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsClockTests {
    @Test(arguments: sourceKinds)
    func timesThatLieHideNothing(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("cd '\(scene.source)'; for f in same future past back twice; do echo 000000 > $f; done; touch -r same stamp")
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      try backup.flush()
      for round in 1...5 {
        try shell(
          """
          cd '\(scene.source)'
          touch -r same stamp; printf '%06d' \(round) | dd of=same conv=notrunc status=none; touch -r stamp same
          echo \(round) > future; touch -d '2106-02-07 06:28:14' future
          echo \(round) > past; touch -d '1901-12-14 00:00:00' past
          echo \(round) > back; touch -d "2020-01-0$((6 - \(round)))" back
          echo a\(round) > twice; echo b\(round) > twice
          """)
        try backup.flush()
        let differs = try difference(between: scene.source, and: scene.destination)
        #expect(differs == nil, "round \(round) on \(kind)")
      }
      backup.kill9()
      try shell("cd '\(scene.source)'; printf 111111 | dd of=same conv=notrunc status=none; touch -r stamp same")
      let again = try scene.backup()
      try again.waitUntilReady()
      try scene.expectExact(again, "\(kind)")
    }

    /// ext4 with inodes of 128 bytes: times, and with them ctimes, of whole seconds, and no birth times.
    @Test func wholeSecondsHideNothing() throws {
      let scene = try Scene(.ext4)
      let image = scene.filesystem["image"]
      try shell("truncate -s 64M '\(image)'; mkfs.ext4 -q -I 128 '\(image)' 2>&1; mount -o loop '\(image)' '\(scene.source)'")
      defer { _ = try? run(["umount", "-l", scene.source]) }
      try shell("cd '\(scene.source)'; rmdir lost+found; for i in $(seq 20); do echo 000000 > $i; done")
      for round in 1...4 {
        let backup = try scene.backup(["--settle", "0"])
        try backup.waitUntilReady()
        // Within one second, some before the kill and some after it, with one size.
        let write = "for i in $(seq FROM 20); do printf '%06d' \(round) | dd of=$i conv=notrunc status=none; done"
        try shell("cd '\(scene.source)'; \(write.replacingOccurrences(of: "FROM", with: "1"))")
        if round % 2 == 0 { try backup.flush() }
        backup.kill9()
        try shell("cd '\(scene.source)'; \(write.replacingOccurrences(of: "FROM", with: "10").replacingOccurrences(of: "%06d", with: "9%05d"))")
      }
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      try shell("cd '\(scene.source)'; for i in $(seq 20); do printf 22222$((i % 10)) | dd of=$i conv=notrunc status=none; done")
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      #expect(try backup.terminate() == 0)
    }
  }
}
