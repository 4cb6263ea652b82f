import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// A replay of more than 300 verbs is killed at its system calls: the next ends exact, and leaves nothing behind.
  @Suite(
    .enabled(if: canInjectFaults, "needs root and loop devices"),
    .enabled(if: SystemCallKill.isPossible, "needs strace"))
  struct ReplayKillTests {
    private static let base = """
      mkdir a b c; for i in {1..100}; do echo "first $i" >a/$i; done
      for i in {1..20}; do echo "linked $i" >b/$i; ln b/$i c/$i; done
      head -c 2M /dev/urandom >big; echo first >keep
      """
    private static let change = """
      for i in {1..40}; do echo "second $i" >a/$i; done; for i in {41..60}; do mv a/$i b/m$i; done
      for i in {61..80}; do rm a/$i; done; for i in {81..95}; do chmod 600 a/$i; setfattr -n user.x -v $i a/$i; done
      for i in {1..10}; do mv b/$i t; mv c/$((i+5)) b/$i; mv t c/$((i+5)); done
      mkdir -p n/m; for i in {1..40}; do echo "new $i" >n/m/$i; ln n/m/$i n/l$i; ln n/m/$i a/n$i; done
      for i in {1..10}; do mkdir d$i; mv d$i c/; echo x >c/d$i/f; ln -s x c/d$i/s; mkfifo c/d$i/p; done
      printf x | dd of=big bs=1 seek=1000000 conv=notrunc status=none; mv n/m/1 one; mv keep kept; mv c b/c
      for i in {1..30}; do ln a/1 a/again$i; touch -d 2001-01-01 a/9$((i % 10)); done; truncate -s 1M sparse
      """
    /// All that change something, of those that a replay makes.
    private static let calls = [
      "openat", "openat2", "renameat", "renameat2", "linkat", "unlinkat", "mkdirat", "mknodat", "symlinkat", "pwrite64",
      "ftruncate", "fallocate", "copy_file_range", "fchmod", "chmod", "fchmodat", "fchown", "chown", "fchownat", "utimensat",
      "setxattr", "fsetxattr", "lsetxattr", "removexattr", "ioctl", "fsync", "fdatasync", "syncfs",
    ]

    private static let kinds = Thoroughness.isFull ? Filesystem.Kind.allCases : [.tmpfs]

    @Test(arguments: kinds) func aReplayKilledAtACallIsFinishedByTheNext(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("killed at calls on \(kind)", because: reason) }
      let scene = try Scene(.ext4, bytes: 1 << 30)
      let place = try Filesystem(kind, bytes: 1 << 30)
      let destination = place["copy"]
      try shell("mkdir '\(destination)'")
      let replay = [Products.treeline, "replay", "--json", scene.journal, destination]
      try scene.record(Self.base)
      let first = try run(replay)
      #expect(first.exitCode == 0, "\(first)")
      try scene.record(Self.change)
      let keep = "rm -rf \"$2\"; cp -a \"$1\" \"$2\"; rm -rf \"$4\"; cp -a \"$3\" \"$4\""
      try succeed(["bash", "-euc", keep, "keep", destination, place["kept"], scene.journal, "\(scene.journal).kept"])
      var kills = 0
      var isCounted = false
      for call in Thoroughness.isFull ? Self.calls : ["renameat", "linkat", "syncfs"] {
        var number = 1
        while true {
          try succeed(["bash", "-euc", keep, "back", place["kept"], destination, "\(scene.journal).kept", scene.journal])
          let killed = try SystemCallKill.run(replay, at: call, number)
          if killed.exitCode == 0 {
            if !isCounted {
              let verbs = killed.standardOutput.split(separator: "\n").count { $0.hasPrefix("{\"op\"") }
              #expect(verbs >= 300)
              isCounted = true
            }
            break
          }
          let context = "killed on \(kind) at \(call) \(number)"
          let again = try run(replay)
          #expect(again.exitCode == 0, "\(context): \(again)")
          #expect(try difference(between: scene.source, and: destination) == nil, "\(context)")
          let left = try shell("cd '\(destination)/.treeline'; find park annex -mindepth 1; ls -d unsealed 2>/dev/null || true")
          #expect(left.standardOutput == "", "\(context)")
          kills += 1
          number += Thoroughness.isFull ? kind == .tmpfs ? 1 : 1 + number / 8 : 1 + number * 2
        }
      }
      print("a replay was killed at \(kills) calls on \(kind)")
      #expect(kills > 8)
    }
  }
}
