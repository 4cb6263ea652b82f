import Foundation
import Journal
import TestSupport
import Testing
import Tree

/// The journal of the tool `journalwriter`, which says what is durable: what may be left of it, however it ended.
enum WrittenJournal {
  private static let commits: UInt64 = 90

  /// Writes it, or goes on with it, up to the end or to a system call that is its last.
  static func write(_ path: String, killedAt call: (kind: String, number: Int)? = nil) throws -> CommandOutput {
    let writer = [Products.tool("journalwriter"), path, "\(commits)"]
    guard let call else { return try run(writer) }
    return try SystemCallKill.run(writer, at: call.kind, call.number)
  }

  /// Reads a journal, and compares each tree with what it must be.
  static func check(_ path: String, _ said: String, _ context: String) throws {
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
}
