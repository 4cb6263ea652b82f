import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// The power goes at a system call of a replay, with what of it is only in memory: what was said to be done is
  /// there, each file is whole, the next run ends exact, and the moments before come back.
  @Suite(
    .enabled(if: canInjectFaults, "needs root and loop devices"),
    .enabled(if: SystemCallKill.isPossible && PowerCutDisk.reasonToSkip == nil, "needs strace and xfs_io"))
  struct DestinationPowerCutTests {
    private static let base = """
      mkdir a d; for i in {1..30}; do echo "first $i" >a/f$i; done; head -c 3M /dev/urandom >big; echo first >keep
      head -c 100K /dev/urandom >middle; ln a/f1 d/l1; ln a/f1 l2; ln -s a/f1 s; mkfifo p
      setfattr -n user.x -v first a/f3; chmod 600 a/f4; chown 7:8 a/f5
      """
    private static let changes = [
      // Each file is synced by itself.
      "echo second >keep; printf x | dd of=big bs=1 seek=1000000 conv=notrunc status=none; mv a/f2 a/g2; rm a/f3; ln a/f4 l4",
      // The filesystem is synced for all, and new trees get their names by one rename.
      """
      mkdir -p n/m/o; for i in {1..25}; do echo "new $i" >n/m/$i; done; mv d n/m/o; ln n/m/1 a/one
      for i in {6..25}; do echo "second $i" >a/f$i; done; mv a/f26 t; mv a/f27 a/f26; mv t a/f27
      echo third >a/f1; rm s; mkdir s; echo in >s/in; echo second >keep; rm -r p
      """,
      // Names and attributes alone.
      "mv a t; mkdir a; mv t a/b; chmod 700 a/b; touch -d 2001-01-01 a/b/f6; chown 9:9 keep; setfattr -n user.x -v second big; rm a/b/f7",
    ]

    private static var calls: [String] {
      Thoroughness.isFull
        ? [
          "fdatasync", "fsync", "syncfs", "renameat", "renameat2", "linkat", "unlinkat", "mkdirat", "pwrite64", "openat2",
          "utimensat", "fchmod", "fchown", "ftruncate",
        ] : ["fdatasync", "fsync", "renameat"]
    }

    private static let caches = Thoroughness.isFull ? PowerCutDisk.Cache.allCases : [.lost]

    @Test(arguments: Thoroughness.filesystems, caches)
    func whatIsLeftIsWholeAndTheNextRunEndsExact(kind: Filesystem.Kind, cache: PowerCutDisk.Cache) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("a power cut on \(kind)", because: reason) }
      let scene = try Scene(.ext4, bytes: 512 << 20)
      let disk = try PowerCutDisk(kind, cache)
      let trial = Trial(scene: scene, disk: disk)
      try trial.change(Self.base)
      #expect(try trial.replay().exitCode == 0)
      var cuts = 0
      for (number, change) in Self.changes.enumerated() {
        // What was said to be done is there.
        try disk.cut()
        try trial.expectExact("\(kind), \(cache), before change \(number)")
        try trial.keep()
        try trial.change(change)
        for call in Self.calls {
          var count = 1
          while true {
            let context = "\(kind), \(cache), change \(number), cut at \(call) \(count)"
            if try trial.replay(killedAt: (call, count)).exitCode == 0 { break }
            try disk.cut()
            try trial.expectWhole(context)
            let again = try trial.replay()
            #expect(again.exitCode == 0, "\(context): \(again)")
            try disk.cut()
            try trial.expectExact(context)
            try trial.expectMomentBefore(context)
            try trial.putBack()
            cuts += 1
            count += 1 + count / (Thoroughness.isFull ? 6 : 1)
          }
          try trial.putBack()
        }
        #expect(try trial.replay().exitCode == 0)
      }
      print("the power was cut \(cuts) times on \(kind)")
      #expect(cuts > 10)
    }
  }
}

/// A source, its journal, and a destination on a disk that loses power.
private final class Trial {
  private let scene: Scene
  private let disk: PowerCutDisk
  private var destination: String { "\(disk.root)/copy" }
  private var before: String { scene.filesystem["before"] }
  /// What files have had, by hash.
  private var contents: Set<Substring> = []
  /// The commit that `before` is of.
  private var sequence = 0

  init(scene: Scene, disk: PowerCutDisk) {
    self.scene = scene
    self.disk = disk
  }

  func change(_ script: String) throws {
    try scene.record(script)
    contents.formUnion(try hashes(scene.source).map(\.hash))
    try shell("mkdir -p '\(destination)'; rm -rf '\(scene.journal).kept'; cp -a '\(scene.journal)' '\(scene.journal).kept'")
  }

  func replay(killedAt call: (kind: String, number: Int)? = nil) throws -> CommandOutput {
    let replay = [Products.treeline, "replay", "--quiet", scene.journal, destination]
    guard let call else { return try run(replay) }
    return try SystemCallKill.run(replay, at: call.kind, call.number)
  }

  /// Keeps the destination, and the source as it is now, which the destination equals.
  func keep() throws {
    let list = try treeline(["restore", "--list", destination, "--json"]).standardOutput
    let last = try #require(list.split(separator: "\n").last)
    sequence = try #require((try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])?["seq"] as? Int)
    try shell("rm -rf '\(before)'; cp -a '\(scene.source)' '\(before)'")
    try disk.keep()
  }

  func putBack() throws {
    try disk.putBack()
    try shell("rm -rf '\(scene.journal)'; cp -a '\(scene.journal).kept' '\(scene.journal)'")
  }

  /// Each file has what it had at some time, and what was only written to keeps its name.
  func expectWhole(_ context: String) throws {
    let found = try hashes(destination)
    for file in found { #expect(contents.contains(file.hash), "\(file.path) is not whole: \(context)") }
    let names = Set(found.map(\.path))
    #expect(names.isSuperset(of: ["./keep", "./big", "./middle"]), "\(context): \(names)")
  }

  func expectExact(_ context: String) throws {
    #expect(try difference(between: scene.source, and: destination) == nil, "\(context)")
  }

  /// The moment before the change comes back from the destination.
  func expectMomentBefore(_ context: String) throws {
    let back = scene.filesystem["back"]
    let restored = try treeline(["restore", destination, "--at", "\(sequence)", "--to", back])
    #expect(restored.exitCode == 0, "\(restored) \(context)")
    let found = try difference(between: before, and: back, isDestination: false)
    #expect(found == nil, "the moment before differs: \(context)")
    try shell("rm -rf '\(back)'")
  }

  private func hashes(_ directory: String) throws -> [(path: Substring, hash: Substring)] {
    let output = try shell("cd '\(directory)'; find . -path ./.treeline -prune -o -type f -exec sha256sum {} +")
    return output.standardOutput.split(separator: "\n").map { ($0.dropFirst(66), $0.prefix(64)) }
  }
}
