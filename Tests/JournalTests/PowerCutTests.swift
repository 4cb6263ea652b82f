import Foundation
import TestSupport
import Testing

/// Without power from one system call to the next, while the oldest is dropped and the sealed is compacted, a journal
/// can be read, and holds all that was said to be durable.
@Suite(.enabled(if: SystemCallKill.isPossible && Filesystem.reasonToSkip(.ext4) == nil, "needs strace, root and loop devices"))
struct PowerCutTests {
  /// Dropping ends with unlinkat, compacting with renameat; the others stand before, between and behind them.
  private static let calls =
    Thoroughness.isFull
    ? ["unlinkat", "renameat", "fsync", "fdatasync", "pwrite64", "ftruncate"] : ["unlinkat", "renameat"]

  @Test(arguments: Thoroughness.filesystems, calls)
  func whatWasDurableSurvivesAPowerCut(kind: Filesystem.Kind, call: String) throws {
    if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("a power cut on \(kind)", because: reason) }
    let filesystem = try Filesystem(kind, bytes: 512 << 20)
    var number = 1
    var cases = 0
    while true {
      let path = filesystem["\(call)-\(number)"]
      let killed = try WrittenJournal.write(path, killedAt: (call, number))
      if killed.exitCode == 0 { break }
      let context = "cut on \(kind) at \(call) \(number)"
      #expect(!killed.standardOutput.contains("failed"), "\(context): \(killed)")
      try cutPower(filesystem)
      if FileManager.default.fileExists(atPath: path) {
        try WrittenJournal.check(path, killed.standardOutput, context)
      } else {
        #expect(!killed.standardOutput.contains("durable"), "\(context): the journal is gone")
      }
      let again = try WrittenJournal.write(path)
      #expect(again.exitCode == 0, "\(context): \(again)")
      try WrittenJournal.check(path, killed.standardOutput + again.standardOutput, "\(context), and ended")
      cases += 1
      number += Thoroughness.isFull ? 1 + number / 8 : 1 + number * 2
    }
    print("the power was cut \(cases) times at \(call) on \(kind), which comes less than \(number) times")
  }

  /// What the disk has now is all that there is: nothing that is only in memory gets there any more.
  private func cutPower(_ filesystem: Filesystem) throws {
    let image = filesystem.image
    try succeed(["cp", "--sparse=always", image, "\(image).cut"])
    try succeed(["umount", filesystem.root])
    try succeed(["mv", "\(image).cut", image])
    try succeed(["mount", "-o", "loop", image, filesystem.root])
  }
}
