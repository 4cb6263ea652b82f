import Foundation
import TestSupport
import Testing

/// The judge is judged: it calls a true copy equal and finds every single change to one.
struct ExactnessOracleTests {
  /// Shell commands, run in the copy. Times are put back, so that each changes one thing only.
  static let changes = [
    "chmod 600 f", "chmod u+s f", "chmod 711 .",
    "touch -d '2001-01-01 00:00:00.000000001' a", "touch -h -d 2001-01-01 l", "touch -d 2000-01-01 .",
    "printf X | dd of=f conv=notrunc bs=1 count=1 status=none; touch -r ../source/f f",
    "truncate -s 100 f; touch -r ../source/f f",
    "chown 5 f", "chown -h 5 l", "chgrp 5 a",
    "setfattr -n user.base -v other f", "setfattr -x user.base f", "setfattr -n user.more -v '' .",
    "setfattr -h -n trusted.t -v t l", "setfacl -m u:5:r f", "setfacl -d -m u:5:r a",
    "ln -sfn other l; touch -h -r ../source/l l; touch -r ../source .",
    "cp -p g n; mv n g2; touch -r ../source .",
    "ln -f f a/y; touch -r ../source/a a", "rm b/y2; touch -r ../source/b b", "touch a/n; touch -r ../source/a a",
    "chattr +d f", "chattr +d a", "chattr +d .",
    "rm p; touch -r ../source/p p; touch -r ../source .",
    "rm d; mknod d c 1 5; touch -r ../source/d d; touch -r ../source .",
  ]

  private func copied() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let source = directory["source"]
    try succeed([Products.workload, "setup", "--root", source, "--outside", directory["outside"]])
    try succeed(["sh", "-c", "cd '\(source)' && mkfifo p && mknod d c 1 3"])
    try succeed(["cp", "-a", source, directory["copy"]])
    return directory
  }

  private static var canRun: Bool { geteuid() == 0 && findTool("setfattr") != nil && findTool("setfacl") != nil }

  @Test(.enabled(if: canRun, "needs root, setfattr and setfacl"), arguments: changes)
  func aSingleChangeIsFound(change: String) throws {
    let directory = try copied()
    #expect(try difference(between: directory["source"], and: directory["copy"]) == nil)
    try succeed(["sh", "-c", "cd '\(directory["copy"])' && \(change)"])
    #expect(try difference(between: directory["source"], and: directory["copy"]) != nil)
  }

  @Test func aTreeOfRandomOperationsEqualsItsCopy() throws {
    guard geteuid() == 0 else { return announceSkip("comparing a random tree", because: "it needs root") }
    let seed = Thoroughness.seed()
    print("TREELINE_SEED=\(seed)")
    let directory = try TemporaryDirectory()
    try succeed([
      Products.workload, "run", "--root", directory["source"], "--outside", directory["outside"],
      "--seed", "\(seed)", "--operations", "2000",
      "--without", "make_long_chain", "--without", "flag",  // which cp cannot follow
    ])
    try succeed(["cp", "-a", directory["source"], directory["copy"]])
    // Not as a destination: cp gives no name another one.
    let compared = try run([Products.treecompare, directory["source"], directory["copy"]])
    #expect(compared.exitCode == 0, "\(compared), TREELINE_SEED=\(seed)")
  }

  /// An overlayfs refuses to rename a directory of its lower layer, and renames a link of a file there over
  /// another.
  @Test func theWorkloadKnowsWhatAnOverlayfsDoes() throws {
    if let reason = Scene.reasonToSkip(.ext4, .overlay) { return announceSkip("an overlayfs", because: reason) }
    let seed = Thoroughness.seed()
    print("TREELINE_SEED=\(seed)")
    let scene = try Scene(.ext4, view: .overlay)
    let ended = try run([
      Products.workload, "run", "--root", scene.source, "--outside", scene.outside, "--seed", "\(seed)",
      "--operations", "3000", "--without", "_map",
    ])
    #expect(ended.exitCode == 0, "\(ended.standardError.suffix(1000)), TREELINE_SEED=\(seed)")
  }
}
