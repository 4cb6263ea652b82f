import Foundation
import Glibc
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree
import Treeline

struct ExportTests {
  private func export(_ journal: JournalLiteral, after: UInt64) throws -> JournalExport {
    let net = try NetChange(journal: journal.path, from: .sequence(Sequence(after)), to: nil)
    return try JournalExport(net, journal: journal.path)
  }

  private func text(_ paths: [[UInt8]]) -> [String] { paths.map { printable($0) }.sorted() }

  @Test func whatARenamedDirectoryHoldsIsAmongTheChanged() throws {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) {
      $0.directory(2, 1, "a")
      $0.directory(3, 2, "inner")
      $0.file(4, 3, "x\u{202e}\n")
      $0.file(5, 2, "gone")
      $0.file(6, 1, "still")
    }
    try journal.commit {
      $0.change(2, [], mode: 0o040755, lost: [(1, "a")], gained: [(1, "b")])
      $0.change(5, .removed, lost: [(2, "gone")])
    }
    let export = try export(journal, after: 1)
    #expect(text(export.changed) == ["b", "b/inner", "b/inner/x\\xe2\\x80\\xae\\n"])
    #expect(text(export.deleted) == ["a", "a/gone"])
    #expect(export.renamed.map { "\(printable($0.from)) \(printable($0.to))" } == ["a b"])
  }

  @Test func whatTakesAPlaceIsDeletedFirstOnlyWhereADirectoryIsInvolved() throws {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) {
      $0.file(2, 1, "saved")
      $0.file(3, 1, "becomes directory")
      $0.directory(4, 1, "becomes file")
      $0.file(5, 4, "in it")
    }
    try journal.commit {
      $0.change(2, .removed, lost: [(1, "saved")])
      $0.file(6, 1, "saved", size: 2)
      $0.change(3, .removed, lost: [(1, "becomes directory")])
      $0.directory(7, 1, "becomes directory")
      $0.change(5, .removed, lost: [(4, "in it")])
      $0.change(4, .removed, mode: 0o040755, lost: [(1, "becomes file")])
      $0.file(8, 1, "becomes file")
    }
    let export = try export(journal, after: 1)
    #expect(text(export.changed) == ["becomes directory", "becomes file", "saved"])
    #expect(text(export.deleted) == ["becomes directory", "becomes file", "becomes file/in it"])
  }

  @Test func allNamesOfAWrittenFileAreChanged() throws {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) {
      $0.change(2, [.created, .content], gained: [(1, "one"), (1, "two")])
    }
    try journal.commit { $0.change(2, .content, size: 3) }
    #expect(text(try export(journal, after: 1).changed) == ["one", "two"])
  }

  @Test func aCopyThatFollowsTheListsIsTheTree() throws {
    let seed = Thoroughness.seed()
    var generator = SeededGenerator(seed)
    for _ in 0..<20 {
      let journal = try JournalLiteral()
      try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)])
      var tree = RandomTree()
      var trees: [[String: UInt64]] = [[:], tree.paths]
      for _ in 0..<30 {
        try journal.commit { literal in tree.change(&literal, &generator) }
        trees.append(tree.paths)
      }
      let from = Int.random(in: 1..<trees.count, using: &generator)
      let export = try export(journal, after: UInt64(from))
      var copy = trees[from]
      for path in text(export.deleted) {
        copy = copy.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
      }
      for path in text(export.changed) {
        #expect(tree.paths[path] != nil, "TREELINE_SEED=\(seed): \(path)")
        copy[path] = tree.paths[path]
      }
      #expect(copy == tree.paths, "TREELINE_SEED=\(seed)")
    }
  }
}

/// A tree of directories and files that changes at random, each object once in a commit.
private struct RandomTree {
  private var links: [UInt64: (parent: UInt64, name: String)] = [:]
  private var directories: Set<UInt64> = [1]
  private var next: UInt64 = 2

  /// Each path and the object that has it.
  var paths: [String: UInt64] {
    var paths: [String: UInt64] = [:]
    for id in links.keys {
      var path = ""
      var at = id
      while at != 1 {
        path = links[at]!.name + (path.isEmpty ? "" : "/" + path)
        at = links[at]!.parent
      }
      paths[path] = id
    }
    return paths
  }

  mutating func change(
    _ literal: inout ChangeSetLiteral, _ generator: inout SeededGenerator
  ) {
    var touched: Set<UInt64> = []
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let parent = directories.sorted().randomElement(using: &generator)!
      let name = "n\(Int.random(in: 0..<5, using: &generator))"
      let isTaken = links.values.contains { $0.parent == parent && $0.name == name }
      let old = links.keys.sorted().filter { !touched.contains($0) }.randomElement(using: &generator)
      switch (Int.random(in: 0..<5, using: &generator), old) {
      case (0, let id?) where !links.values.contains { $0.parent == id }:
        literal.change(
          id, .removed, mode: mode(id), lost: [(links[id]!.parent, links[id]!.name)])
        links[id] = nil
        directories.remove(id)
        touched.insert(id)
      case (1, let id?) where !isTaken && !isBeneath(parent, id):
        literal.change(
          id, [], mode: mode(id), lost: [(links[id]!.parent, links[id]!.name)],
          gained: [(parent, name)])
        links[id] = (parent, name)
        touched.insert(id)
      case (2...4, _) where !isTaken:
        let id = next
        next += 1
        if Bool.random(using: &generator) {
          literal.directory(id, parent, name)
          directories.insert(id)
        } else {
          literal.file(id, parent, name)
        }
        links[id] = (parent, name)
        touched.insert(id)
      default: break
      }
    }
  }

  private func mode(_ id: UInt64) -> UInt32 { directories.contains(id) ? 0o040755 : 0o100644 }

  private func isBeneath(_ id: UInt64, _ other: UInt64) -> Bool {
    var at = id
    while at != 1 {
      if at == other { return true }
      at = links[at]!.parent
    }
    return false
  }
}

/// The program's own inspection commands on one journal.
@Suite(.enabled(if: Products.treelineWorks, "the program is not built"))
struct InspectionCommandTests {
  private func shell(_ journal: JournalLiteral, _ command: String) throws -> CommandOutput {
    try run(
      ["sh", "-c", command],
      environment: [
        "T": Products.treeline, "J": String(decoding: journal.path, as: UTF8.self),
        "D": journal.directory.path, "LC_ALL": "C",
      ])
  }

  private func example() throws -> JournalLiteral {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) { $0.file(2, 1, "a", size: 1) }
    try journal.commit { $0.file(3, 1, "b\n", size: 2) }
    try journal.commit { $0.change(2, [], size: 1, lost: [(1, "a")], gained: [(1, "c")]) }
    return journal
  }

  @Test func aCursorIsMovedOnlyWhenAllWasWritten() throws {
    let journal = try example()
    let first = try shell(journal, "$T journal export $J --cursor k --format paths0 | tr '\\0' ,")
    #expect(first.standardOutput == "c,b\n," || first.standardOutput == "b\n,c,", "\(first)")
    let full = try shell(journal, "$T journal export $J --cursor k --format paths0 --advance > /dev/full")
    #expect(full.exitCode == 1, "\(full)")
    #expect(try JournalCursors(at: journal.path).cursor("k") == nil)
    #expect(try shell(journal, "$T journal export $J --cursor k --until 2 --format none --advance").exitCode == 0)
    #expect(try JournalCursors(at: journal.path).cursor("k")?.cursor.sequence == Sequence(2))
    let rest = try shell(
      journal, "$T journal export $J --cursor k --format renamed0 --advance > $D/out; tr '\\0' , < $D/out")
    #expect(rest.standardOutput == "a,c,", "\(rest)")
    let none = try shell(journal, "$T journal export $J --cursor k --format paths0")
    #expect(none.exitCode == 0 && none.standardOutput.isEmpty, "\(none)")
    #expect(try shell(journal, "$T journal export $J --cursor k --format position").standardOutput == "3\n")
  }

  @Test func aCursorOfAnotherJournalIsRefused() throws {
    let journal = try example()
    let other = try example()
    let elsewhere = try JournalReader.open(at: other.path).durable()
    try JournalCursors(at: journal.path).move(
      JournalCursor(name: "k", cursor: elsewhere, moved: .zero))
    let output = try shell(journal, "$T journal export $J --cursor k --format paths0 --advance")
    #expect(output.exitCode == 5 && output.standardOutput.isEmpty, "\(output)")
    #expect(output.standardError.contains("drop-cursor"))
  }

  @Test func listingsArePlainInAPipeAndJSONIsLines() throws {
    let journal = try example()
    for command in [
      "journal show $J", "journal diff $J 0", "journal stat $J", "history --journal $J c",
      "blame --journal $J c", "journal export $J --since 0 --format json",
    ] {
      let plain = try shell(journal, "$T \(command)")
      #expect(plain.exitCode == 0 && !plain.standardOutput.contains("\u{1b}"), "\(plain)")
      #expect(plain.standardOutput.contains("\t") || command.contains("export"), "\(plain)")
      let json = try shell(journal, "$T \(command) --json")
      #expect(json.exitCode == 0)
      let lines = json.standardOutput.split(separator: "\n")
      #expect(!lines.isEmpty && lines.allSatisfy { JSONValue(Array($0.utf8)) != nil }, "\(json)")
    }
    #expect(try shell(journal, "$T history --journal $J nothing").exitCode == 1)
    #expect(try shell(journal, "$T journal diff $J 3 1").exitCode == 1)
  }

  @Test func aPageIsForItsOwnerAloneAndReplacesNoDirectory() throws {
    let journal = try example()
    let page = try shell(
      journal, "umask 0; $T journal stat $J --html $D/p.html && stat -c %a $D/p.html && head -c 15 $D/p.html")
    #expect(page.standardOutput == "600\n<!DOCTYPE html>", "\(page)")
    #expect(try shell(journal, "$T journal stat $J --html $D").exitCode == 1)
    #expect(try shell(journal, "$T journal stat $J --html /dev/full").exitCode == 1)
  }
}
