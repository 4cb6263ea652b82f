import Foundation
import Journal
import TestSupport
import Testing
import Tree

/// Killed at any of its system calls, a writer leaves a journal that can be read and holds all that it said.
@Suite(.enabled(if: canTrace, "strace cannot trace here"))
struct KillTests {
  /// The calls that change a file or a name; which of a kind is meant counts by kind.
  private static let calls = [
    "pwrite64", "fsync", "fdatasync", "renameat", "unlinkat", "ftruncate", "copy_file_range", "mkdirat",
  ]
  private static let commits: UInt64 = 90

  private func write(_ path: String, killedAt call: (kind: String, number: Int)?) throws -> CommandOutput {
    let writer = [Products.tool("journalwriter"), path, "\(Self.commits)"]
    guard let call else { return try run(writer) }
    return try run(
      [
        "strace", "-f", "-o", "/dev/null", "-e", "trace=\(call.kind)",
        "-e", "inject=\(call.kind):signal=KILL:when=\(call.number)",
      ]
        + writer)
  }

  /// Reads a journal, and compares each tree with what it must be.
  private func check(_ path: String, _ said: String, _ context: String) throws {
    func last(_ word: String) -> UInt64 {
      said.split(separator: "\n").last { $0.hasPrefix(word) }.flatMap { UInt64($0.dropFirst(word.count + 1)) } ?? 0
    }
    let bytes = Array(path.utf8)
    guard FileManager.default.fileExists(atPath: "\(path)/HEAD") else {
      #expect(last("durable") == 0, "\(context)")
      return
    }
    let reader = try JournalReader.open(at: bytes)
    var tree = ChangeSet()
    if reader.oldest.sequence > .zero {
      let base = try #require(try reader.checkpoint(atOrBefore: reader.oldest.sequence))
      #expect(base.cursor == reader.oldest, "\(context)")
      var part = ChangeSet()
      while try base.next(&part) { tree = compose(tree, part) }
      #expect(try reader.seek(after: base.cursor))
    }
    var commit = Commit()
    while try reader.next(&commit) {
      tree = compose(tree, commit.changes)
      let number = commit.cursor.sequence.rawValue
      let alive = Set(tree.objects.map { $0.id.rawValue - 1 })
      #expect(alive == Set((max(number, 20) - 19...max(number, 20)).filter { $0 <= number }), "\(context), commit \(number)")
    }
    #expect(reader.position.sequence.rawValue >= last("durable"), "\(context)")
    let verification = try JournalVerification(at: bytes)
    #expect(verification.findings.isEmpty, "\(context): \(verification.findings)")
    let cursor = try JournalCursors(at: bytes).cursor("consumer")?.cursor.sequence.rawValue ?? 0
    #expect(cursor >= last("cursor"), "\(context)")
    for standing in try CursorStanding.all(in: bytes).standings { #expect(standing.state == .live, "\(context)") }
  }

  @Test(arguments: calls)
  func aWriterKilledAtAnyCallLosesNothing(kind: String) throws {
    var number = 1
    var cases = 0
    while true {
      let place = try TemporaryDirectory()
      let path = place["j"]
      let killed = try write(path, killedAt: (kind, number))
      let context = "killed at \(kind) \(number)"
      try check(path, killed.standardOutput, context)
      if killed.exitCode == 0 { break }
      #expect(!killed.standardOutput.contains("failed"), "\(context): \(killed)")
      let again = try write(path, killedAt: nil)
      #expect(again.exitCode == 0, "\(context): \(again)")
      try check(path, killed.standardOutput + again.standardOutput, "\(context), and ended")
      cases += 1
      number += Thoroughness.isFull ? 1 : 1 + number / 2
    }
    print("killed \(cases) times at \(kind), which comes less than \(number) times")
  }
}

private let canTrace = (try? run(["strace", "-o", "/dev/null", "true"]))?.exitCode == 0
