import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree
import Treeline

struct NarrationTests {
  /// A directory with two files, renamed, rewritten, linked and removed.
  private func example() throws -> JournalLiteral {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) {
      $0.directory(2, 1, "a")
      $0.file(3, 2, "x", size: 10)
      $0.change(4, .created, mode: 0o120777, gained: [(1, "l")], target: "a/x")
    }
    try journal.commit {
      $0.change(2, [], mode: 0o040755, lost: [(1, "a")], gained: [(1, "b")])
      $0.change(3, [.content, .attributes], size: 12, lost: [(2, "x")], gained: [(2, "y")])
    }
    try journal.commit {
      $0.change(3, [], size: 12, gained: [(1, "y2")])
      $0.change(2, .attributes, mode: 0o040700)
    }
    try journal.commit { $0.change(4, .removed, mode: 0o120777, lost: [(1, "l")]) }
    try journal.commit { $0.change(3, [], size: 12, lost: [(2, "y")]) }
    return journal
  }

  private func told(_ journal: JournalLiteral, _ filter: LineFilter = LineFilter()) throws -> [String] {
    var lines: [String] = []
    _ = try JournalNarration(journal: journal.path, filter: filter).tell { line in
      lines.append(line.columns.enumerated().filter { $0.offset != 1 }.map(\.element).joined(separator: " "))
    }
    return lines
  }

  @Test func aJournalIsToldWithPaths() throws {
    #expect(
      try told(example()) == [
        "1 start", "1 scan", "1 create a/", "1 create a/x 10 B", "1 create l to a/x",
        "2 rename a → b/", "2 rename a/x → b/y 12 B", "2 write b/y 12 B",
        "3 attributes b/ mode", "3 link y2 12 B", "4 remove l", "5 unlink b/y 12 B",
      ])
  }

  @Test func linesAreChosenByPathOperationAndPoint() throws {
    let journal = try example()
    var filter = LineFilter()
    filter.paths = [PathPattern(Array("a/*".utf8))]
    #expect(try told(journal, filter) == ["1 create a/x 10 B", "2 rename a/x → b/y 12 B"])
    filter = LineFilter()
    filter.operations = [.remove, .scan]
    #expect(try told(journal, filter) == ["1 scan", "4 remove l"])
    filter = LineFilter()
    filter.since = .sequence(Sequence(3))
    filter.until = .time(Timestamp(seconds: 1_769_860_804, nanoseconds: 5))
    #expect(try told(journal, filter) == ["3 attributes b/ mode", "3 link y2 12 B", "4 remove l"])
  }

  @Test func aLineInJSONHasTheMembersThatScriptsRelyOn() throws {
    var lines: [String] = []
    let journal = try example()
    _ = try JournalNarration(journal: journal.path, filter: LineFilter()).tell { line in
      var json = JSONWriter()
      line.write(to: &json)
      lines.append(String(decoding: json.bytes, as: UTF8.self))
    }
    #expect(lines[0] == #"{"seq":1,"time":"2026-01-31T12:00:01.000000005Z","op":"start"}"#)
    #expect(
      lines[6]
        == #"{"seq":2,"time":"2026-01-31T12:00:02.000000005Z","op":"rename","id":3,"type":"file","path":"b/y","from":"a/x","size":12}"#
    )
    #expect(lines.allSatisfy { JSONValue(Array($0.utf8)) != nil })
  }

  @Test func tellingFromACheckpointKnowsThePathsBeforeIt() throws {
    let journal = try JournalLiteral()
    try journal.commit { $0.directory(2, 1, "a") }
    let checkpoint = try journal.writer.beginCheckpoint(
      at: journal.writer.last, nextObjectID: ObjectID(3))
    var tree = ChangeSetLiteral()
    tree.directory(2, 1, "a")
    try checkpoint.add(tree.changes)
    try checkpoint.commit()
    try journal.commit { $0.file(3, 2, "x") }
    var filter = LineFilter()
    filter.since = .sequence(Sequence(2))
    #expect(try told(journal, filter) == ["2 create a/x 0 B"])
    let following = try JournalNarration(journal: journal.path, filter: LineFilter(), onlyNew: true)
    try journal.commit { $0.change(3, .removed, lost: [(2, "x")]) }
    var lines: [JournalLine] = []
    _ = try following.tell { lines.append($0) }
    #expect(lines.map(\.operation) == [.remove])
    #expect(lines.first?.object?.path == Array("a/x".utf8))
  }

  @Test func theEndAloneIsToldAsWhenAllIsTold() throws {
    let seed = Thoroughness.seed()
    var generator = SeededGenerator(seed)
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) { $0.directory(2, 1, "a") }
    // Numbers far from each other, and more names than are kept after one is dropped.
    var names: [UInt64: String] = [:]
    for round in 0..<300 {
      try journal.commit(marks: round % 7 == 0 ? [Mark(kind: .overflow)] : []) { literal in
        let id = UInt64.random(in: 3..<40, using: &generator) * (round % 3 == 0 ? 1 : 1 << 40)
        let name = "n\(round)"
        if let old = names[id] {
          literal.change(id, [], lost: [(2, old)], gained: [(2, name)])
        } else {
          literal.file(id, 2, name)
        }
        names[id] = name
      }
    }
    let all = try told(journal)
    for limit in [1, 20, 500] {
      let tail = try JournalTail(journal: journal.path, filter: LineFilter(), limit: limit)
      let lines = tail.lines.map { line in
        line.columns.enumerated().filter { $0.offset != 1 }.map(\.element).joined(separator: " ")
      }
      #expect(lines == all.suffix(limit), "TREELINE_SEED=\(seed)")
      #expect(tail.areAll == (limit >= all.count))
    }
    var filter = LineFilter()
    filter.operations = [.overflow]
    #expect(try JournalTail(journal: journal.path, filter: filter, limit: 100).lines.count == 43)
    filter.until = .sequence(Sequence(100))
    let some = try JournalTail(journal: journal.path, filter: filter, limit: 3)
    #expect(some.lines.map(\.sequence.rawValue) == [86, 93, 100])
  }

  @Test func ofCompactedCommitsTheNetChangeIsToldAndSaidToBe() throws {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) { $0.file(2, 1, "a") }
    for size in UInt64(1)...9 { try journal.commit { $0.change(2, .content, size: size) } }
    try journal.commit { $0.change(2, [], size: 9, lost: [(1, "a")], gained: [(1, "b")]) }
    journal.writer.segmentBytesMax = 1
    try journal.commit { $0.change(2, .content, size: 10) }
    let now = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)
    #expect(try JournalCompaction.run(at: journal.path, JournalCompaction.Policy(), now: now).segmentCount == 1)
    #expect(
      try told(journal).suffix(3) == [
        "11 rename a → b 9 B net of 10 commits", "11 write b 9 B net of 10 commits", "12 write b 10 B",
      ])
    let tail = try JournalTail(journal: journal.path, filter: LineFilter(), limit: 2)
    #expect(tail.lines.map(\.commitCount) == [10, 1])
    var filter = LineFilter()
    filter.since = .sequence(Sequence(5))
    #expect(try told(journal, filter).count == 3)
    #expect(try JournalTail(journal: journal.path, filter: filter, limit: 9).lines.count == 3)
    #expect(try JournalStatistics(journal: journal.path).commitCount == 12)
    #expect(try PathHistory(journal: journal.path, path: Array("b".utf8)).versions.count == 3)
    #expect(try lastCommit(of: journal.path, at: .sequence(Sequence(11))) == Sequence(11))
  }

  @Test func parentsInACircleEndTheWalk() throws {
    let journal = try JournalLiteral()
    try journal.commit {
      $0.directory(2, 3, "a")
      $0.directory(3, 2, "b")
      $0.file(4, 99, "c")
    }
    let lines = try told(journal)
    #expect(lines.count == 3)
    #expect(lines[2] == "1 create //object-99/c 0 B")
  }

  @Test func aDirectoryWithoutAJournalIsNamed() throws {
    let error = #expect(throws: TreelineError.self) {
      try JournalNarration(journal: Array("/proc/self".utf8), filter: LineFilter())
    }
    #expect(error?.description.contains("/proc/self") == true)
  }
}
