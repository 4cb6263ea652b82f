import Foundation
import Journal
import TestSupport
import Testing
import Tree

/// Killed at any of its system calls, a writer leaves a journal that can be read and holds all that it said.
@Suite(.enabled(if: WrittenJournal.canTrace, "strace cannot trace here"))
struct KillTests {
  /// The calls that change a file or a name; which of a kind is meant counts by kind.
  private static let calls = [
    "pwrite64", "fsync", "fdatasync", "renameat", "unlinkat", "ftruncate", "copy_file_range", "mkdirat",
  ]

  @Test(arguments: calls)
  func aWriterKilledAtAnyCallLosesNothing(kind: String) throws {
    var number = 1
    var cases = 0
    while true {
      let place = try TemporaryDirectory()
      let path = place["j"]
      let killed = try WrittenJournal.write(path, killedAt: (kind, number))
      let context = "killed at \(kind) \(number)"
      try WrittenJournal.check(path, killed.standardOutput, context)
      if killed.exitCode == 0 { break }
      #expect(!killed.standardOutput.contains("failed"), "\(context): \(killed)")
      let again = try WrittenJournal.write(path)
      #expect(again.exitCode == 0, "\(context): \(again)")
      try WrittenJournal.check(path, killed.standardOutput + again.standardOutput, "\(context), and ended")
      cases += 1
      number += Thoroughness.isFull ? 1 : 1 + number / 2
    }
    print("killed \(cases) times at \(kind), which comes less than \(number) times")
  }
}
