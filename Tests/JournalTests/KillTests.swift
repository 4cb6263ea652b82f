import Foundation
import Journal
import TestSupport
import Testing
import Tree

/// Killed at any of its system calls, a writer leaves a journal that can be read and holds all that it said.
@Suite(.enabled(if: SystemCallKill.isPossible, "strace cannot trace here"))
struct KillTests {
  /// The calls that change a file or a name; which of a kind is meant counts by kind.
  private static let calls = [
    "pwrite64", "fsync", "fdatasync", "renameat", "unlinkat", "ftruncate", "copy_file_range", "mkdirat",
  ]

  @Test(arguments: Thoroughness.places, calls)
  func aWriterKilledAtAnyCallLosesNothing(place: Filesystem.Kind?, call: String) throws {
    if let place, let reason = Filesystem.reasonToSkip(place) {
      return announceSkip("kills on \(place)", because: reason)
    }
    let filesystem = try place.map { try Filesystem($0, bytes: 512 << 20) }
    var number = 1
    var cases = 0
    while true {
      let directory = try TemporaryDirectory(in: filesystem?.root ?? TemporaryDirectory.base)
      let path = directory["j"]
      let killed = try WrittenJournal.write(path, killedAt: (call, number))
      let context = "killed at \(call) \(number)\(place.map { " on \($0)" } ?? "")"
      try WrittenJournal.check(path, killed.standardOutput, context)
      if killed.exitCode == 0 { break }
      #expect(!killed.standardOutput.contains("failed"), "\(context): \(killed)")
      let again = try WrittenJournal.write(path)
      #expect(again.exitCode == 0, "\(context): \(again)")
      try WrittenJournal.check(path, killed.standardOutput + again.standardOutput, "\(context), and ended")
      cases += 1
      // In full each call, and on the filesystems that are made for it ever fewer: each costs a run to there.
      number += place != nil ? 1 + number / 4 : Thoroughness.isFull ? 1 : 1 + number / 2
    }
    print("killed \(cases) times at \(call), which comes less than \(number) times")
  }
}
