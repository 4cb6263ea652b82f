import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree
import Treeline

struct HistoryTests {
  /// A file that is renamed with and without its directory, an editor that saves by renaming another
  /// file over it, and neighbours of the same name.
  private func example() throws -> JournalLiteral {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) {
      $0.directory(2, 1, "a")
      $0.directory(3, 1, "other")
      $0.file(4, 2, "draft", size: 1)
      $0.file(5, 3, "x", size: 50)
    }
    try journal.commit(by: "/bin/mv") {
      $0.change(4, .content, size: 2, lost: [(2, "draft")], gained: [(2, "x")])
    }
    try journal.commit { $0.change(2, [], mode: 0o040755, lost: [(1, "a")], gained: [(1, "b")]) }
    try journal.commit { $0.change(5, .content, size: 51) }
    try journal.commit { $0.file(6, 2, ".x.new", size: 3) }
    try journal.commit {
      $0.change(6, [], size: 3, lost: [(2, ".x.new")], gained: [(2, "x")])
      $0.change(4, .removed, size: 2, lost: [(2, "x")])
    }
    try journal.commit { $0.change(6, [], mode: 0o100600, size: 3) }
    return journal
  }

  private func told(_ journal: JournalLiteral, _ path: String, limit: Int? = nil) throws -> [String] {
    let history = try PathHistory(journal: journal.path, path: Array(path.utf8), limit: limit)
    return history.versions.map { version in
      version.columns.enumerated().filter { $0.offset != 1 }.map(\.element).joined(separator: " ")
    }
  }

  @Test func aPathIsFollowedThroughItsNamesAndThoseWhoHeldIt() throws {
    let journal = try example()
    #expect(
      try told(journal, "b/x") == [
        "1 create a/draft 1 B", "2 rename,write a/draft → a/x 2 B mv[7] uid 1000", "5 create b/.x.new 3 B",
        "6 remove b/x 2 B", "6 rename b/.x.new → b/x 3 B", "7 attributes b/x mode",
      ])
    #expect(try told(journal, "b/x", limit: 1) == ["7 attributes b/x mode"])
    #expect(try told(journal, "a/draft") == ["1 create a/draft 1 B", "2 rename,write a/draft → a/x 2 B mv[7] uid 1000"])
    #expect(try told(journal, "other/x") == ["1 create other/x 50 B", "4 write other/x 51 B"])
    #expect(try told(journal, "b") == ["1 create a/", "3 rename a → b/"])
  }

  @Test func aPathThatWasNeverThereIsSaid() throws {
    let journal = try example()
    for path in ["b/y", "x", "a/draft/x", "b/x/y"] {
      let error = #expect(throws: TreelineError.self) { try told(journal, path) }
      #expect(error?.exitCode == .failed)
    }
  }

  @Test func aVersionInJSONHasAllOperations() throws {
    let journal = try example()
    let history = try PathHistory(journal: journal.path, path: Array("b/x".utf8))
    var json = JSONWriter()
    history.versions[1].write(to: &json)
    let value = try #require(JSONValue(json.bytes))
    #expect(value["ops"].elements.compactMap(\.string) == ["rename", "write"])
    #expect(value["from"].string == "a/draft" && value["path"].string == "a/x")
    #expect(value["seq"].unsigned == 2 && value["id"].unsigned == 4 && value["size"].unsigned == 2)
    #expect(value["who"].elements.count == 1)
  }

  @Test func blameIsOfTheSameObjects() throws {
    let journal = try example()
    let blame = try Blame(journal: journal.path, path: Array("b/x".utf8), limit: 3)
    #expect(blame.lines.map { "\($0.sequence.rawValue) \($0.operation.rawValue)" } == [
      "7 attributes", "6 rename", "6 remove",
    ])
  }

  @Test func whatCameAndWentAtAPathIsTold() throws {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) {
      $0.directory(2, 1, "a")
      $0.directory(3, 1, "b")
    }
    try journal.commit(by: "/bin/vi", passed: [(2, "x"), (3, "x"), (2, "y")])
    try journal.commit(by: "/bin/vi") { $0.file(4, 2, "x", size: 1) }
    try journal.commit(by: "/bin/mv") { $0.change(2, [], mode: 0o040755, lost: [(1, "a")], gained: [(1, "c")]) }
    try journal.commit(by: "/bin/cc", passed: [(2, "x"), (2, "z")])
    for isIndexed in [false, true] {
      if isIndexed { try JournalIndex.build(at: journal.path) }
      #expect(
        try told(journal, "a/x") == [
          "2 transient a/x  vi[7] uid 1000", "3 create a/x 1 B vi[7] uid 1000",
        ])
      #expect(try told(journal, "c/x") == ["3 create a/x 1 B vi[7] uid 1000", "5 transient c/x  cc[7] uid 1000"])
      #expect(try told(journal, "b/x") == ["2 transient b/x  vi[7] uid 1000"])
      #expect(try told(journal, "c/z") == ["5 transient c/z  cc[7] uid 1000"])
      #expect(throws: TreelineError.self) { try told(journal, "a/z") }
      let blame = try Blame(journal: journal.path, path: Array("c/z".utf8), limit: 3)
      #expect(blame.lines.map(\.operation) == [.transient])
    }
  }

  @Test func aNetChangeForgetsWhatCameAndWent() throws {
    let journal = try example()
    func net(_ from: UInt64, _ to: UInt64?) throws -> [String] {
      var lines: [String] = []
      let change = try NetChange(
        journal: journal.path, from: .sequence(Sequence(from)),
        to: to.map { .sequence(Sequence($0)) })
      change.tell { line in
        lines.append(line.columns.enumerated().filter { $0.offset != 1 }.map(\.element).joined(separator: " "))
      }
      return lines.sorted()
    }
    #expect(
      try net(1, nil) == [
        "7 create b/x 3 B", "7 remove a/draft 2 B", "7 rename a → b/", "7 write other/x 51 B",
      ])
    #expect(try net(4, 5) == ["5 create b/.x.new 3 B"])
    #expect(try net(7, 7) == [])
    #expect(try net(0, 1).count == 4)
    #expect(throws: TreelineError.self) { try net(5, 2) }
    #expect(throws: TreelineError.self) { try net(1, 99) }
  }

  @Test func aNetChangeOfRandomCommitsIsTheDifferenceOfTheTwoTrees() throws {
    let seed = Thoroughness.seed()
    var generator = SeededGenerator(seed)
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) { _ in }
    var files: [UInt64: String] = [:]
    var trees: [Set<String>] = [[], []]
    var next: UInt64 = 2
    for _ in 0..<60 {
      try journal.commit { literal in
        var touched: Set<UInt64> = []
        for _ in 0..<Int.random(in: 1...5, using: &generator) {
          let name = "f\(Int.random(in: 0..<40, using: &generator))"
          guard !files.values.contains(name) else { continue }
          let old = files.keys.sorted().randomElement(using: &generator)
          switch (Int.random(in: 0..<3, using: &generator), old) {
          case (0, let id?) where touched.insert(id).inserted:
            literal.change(id, .removed, lost: [(1, files[id]!)])
            files[id] = nil
          case (1, let id?) where touched.insert(id).inserted:
            literal.change(id, [], lost: [(1, files[id]!)], gained: [(1, name)])
            files[id] = name
          default:
            literal.file(next, 1, name)
            touched.insert(next)
            files[next] = name
            next += 1
          }
        }
      }
      trees.append(Set(files.map { "\($0.key) \($0.value)" }))
    }
    for _ in 0..<30 {
      let from = Int.random(in: 1..<trees.count, using: &generator)
      let to = Int.random(in: from..<trees.count, using: &generator)
      var tree = trees[from]
      var gained: [String] = []
      let change = try NetChange(
        journal: journal.path, from: .sequence(Sequence(UInt64(from))), to: .sequence(Sequence(UInt64(to))))
      change.tell { line in
        guard let object = line.object else { return }
        let path = "\(object.id.rawValue) \(printable(object.path))"
        switch line.operation {
        case .create: gained.append(path)
        case .remove: #expect(tree.remove(path) != nil, "TREELINE_SEED=\(seed)")
        case .rename:
          let from = "\(object.id.rawValue) \(printable(object.from!))"
          #expect(tree.remove(from) != nil, "TREELINE_SEED=\(seed)")
          gained.append(path)
        default: break
        }
      }
      #expect(tree.union(gained) == trees[to], "TREELINE_SEED=\(seed)")
    }
  }
}
