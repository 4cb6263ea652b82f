import Glibc
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree
import Treeline

/// What is told with the help of an index is what is told when all is read.
struct IndexedReadingTests {
  /// Directories and files that are made, moved into each other, replaced, linked and removed at random.
  private struct Scene {
    let journal: JournalLiteral
    private var generator: SeededGenerator
    private var names: [UInt64: [(parent: UInt64, name: String)]] = [:]
    private var directories: Set<UInt64> = [1]
    private var nextID: UInt64 = 2
    var paths: Set<String> = []

    init(_ seed: UInt64) throws {
      journal = try JournalLiteral()
      journal.writer.segmentBytesMax = 5_000
      generator = SeededGenerator(seed)
    }

    private func path(_ parent: UInt64, _ name: String) -> String {
      guard parent != 1, let above = names[parent]?.first else { return name }
      return path(above.parent, above.name) + "/" + name
    }

    private func isBeneath(_ id: UInt64, _ directory: UInt64) -> Bool {
      var id = id
      while id != 1 {
        if id == directory { return true }
        id = names[id]![0].parent
      }
      return false
    }

    /// Drops all commits so far: the journal begins with the tree that they made.
    func dropAll() throws {
      let writer = journal.writer
      var literal = ChangeSetLiteral()
      var parents: [UInt64] = [1]
      while let parent = parents.popLast() {
        for (id, links) in names.sorted(by: { $0.key < $1.key }) where links[0].parent == parent {
          if directories.contains(id) {
            literal.directory(id, parent, links[0].name)
            parents.append(id)
          } else {
            literal.change(
              id, [.created, .content], size: id, gained: links.map { ($0.parent, $0.name) })
          }
        }
      }
      let checkpoint = try writer.beginCheckpoint(at: writer.sync(), nextObjectID: ObjectID(nextID))
      try checkpoint.add(literal.changes)
      try checkpoint.commit()
      try writer.seal()
      writer.retention = Retention(bytes: 1)
      #expect(try writer.retire(now: .zero).droppedUpTo == writer.last.sequence)
      writer.segmentBytesMax = 5_000
    }

    mutating func commit(_ isFirst: Bool) throws {
      var literal = ChangeSetLiteral()
      var touched: Set<UInt64> = []
      for _ in 0..<Int.random(in: 1...6, using: &generator) { change(&literal, &touched) }
      var passed: [(parent: UInt64, name: String)] = []
      if !isFirst, Int.random(in: 0..<4, using: &generator) == 0 {
        for directory in directories.sorted().shuffled(using: &generator).prefix(2) {
          let name = "n\(Int.random(in: 0..<9, using: &generator))"
          passed.append((directory, name))
          paths.insert(path(directory, name))
        }
      }
      try journal.commit(marks: isFirst ? [Mark(kind: .scan)] : [], by: passed.isEmpty ? "" : "/bin/vi", passed: passed) {
        $0 = literal
      }
      for (_, links) in names { for link in links { paths.insert(path(link.parent, link.name)) } }
    }

    private mutating func change(_ literal: inout ChangeSetLiteral, _ touched: inout Set<UInt64>) {
      let parent = directories.sorted().randomElement(using: &generator)!
      let name = "n\(Int.random(in: 0..<8, using: &generator))"
      let holder = names.first { $0.value.contains { $0.parent == parent && $0.name == name } }?.key
      let kind = Int.random(in: 0..<10, using: &generator)
      if kind < 3, holder == nil {
        let id = nextID
        nextID += 1
        touched.insert(id)
        names[id] = [(parent, name)]
        if kind == 0 {
          literal.directory(id, parent, name)
          directories.insert(id)
        } else {
          literal.file(id, parent, name, size: id)
        }
        return
      }
      guard let id = names.keys.sorted().randomElement(using: &generator), touched.insert(id).inserted else { return }
      let isDirectory = directories.contains(id)
      let mode: UInt32 = isDirectory ? 0o040755 : 0o100644
      switch kind {
      case 3...5 where holder == nil && !isBeneath(parent, id):
        let old = names[id]![0]
        literal.change(id, [], mode: mode, lost: [(old.parent, old.name)], gained: [(parent, name)])
        names[id]![0] = (parent, name)
      case 6 where holder == nil && !isDirectory:
        literal.change(id, [], mode: mode, gained: [(parent, name)])
        names[id]!.append((parent, name))
      case 7 where !isDirectory:
        literal.change(id, .removed, mode: mode, lost: names[id]!.map { ($0.parent, $0.name) })
        names[id] = nil
      case 8:
        literal.change(id, .attributes, mode: mode & ~0o44)
      default:
        literal.change(id, isDirectory ? .attributes : .content, mode: mode, size: nextID)
      }
    }
  }

  private func versions(_ journal: [UInt8], _ path: String, isIndexed: Bool) throws -> [PathHistory.Version]? {
    do throws(TreelineError) {
      return try PathHistory(
        journal: journal, path: Array(path.utf8), filter: LineFilter(), limit: nil, isIndexed: isIndexed
      ).versions
    } catch {
      #expect(error.exitCode == .failed)
      return nil
    }
  }

  private func check(_ scene: Scene, _ seed: UInt64) throws {
    let journal = scene.journal.path
    for path in scene.paths.sorted().shuffled().prefix(50) + [".", "nowhere", "n1/nowhere"] {
      let whole = try versions(journal, path, isIndexed: false)
      #expect(try versions(journal, path, isIndexed: true) == whole, "\(path), TREELINE_SEED=\(seed)")
    }
    var late = LineFilter()
    late.since = .sequence(Sequence(100))
    var early = LineFilter()
    early.until = .sequence(Sequence(60))
    var some = LineFilter()
    some.operations = [.rename, .remove]
    for filter in [LineFilter(), late, early, some] {
      for limit in [1, 7, 40, 300] {
        let whole = try JournalTail(journal: journal, filter: filter, limit: limit, isIndexed: false)
        let indexed = try JournalTail(journal: journal, filter: filter, limit: limit, isIndexed: true)
        #expect(indexed.lines == whole.lines, "\(limit), TREELINE_SEED=\(seed)")
        #expect(indexed.areAll == whole.areAll, "\(limit), TREELINE_SEED=\(seed)")
      }
    }
  }

  @Test func anIndexChangesNothingOfWhatIsTold() throws {
    let seed = Thoroughness.seed()
    var scene = try Scene(seed)
    for number in 0..<150 { try scene.commit(number == 0) }
    try check(scene, seed)
    try JournalIndex.build(at: scene.journal.path)
    for _ in 0..<10 { try scene.commit(false) }
    try check(scene, seed)
    let now = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)
    let policy = JournalCompaction.Policy(spanSeconds: 10)
    #expect(try JournalCompaction.run(at: scene.journal.path, policy, now: now).segmentCount > 0)
    try check(scene, seed)
    try JournalIndex.build(at: scene.journal.path)
    try check(scene, seed)
    try scene.dropAll()
    for _ in 0..<60 { try scene.commit(false) }
    try check(scene, seed)
    try JournalIndex.build(at: scene.journal.path)
    #expect(access(scene.journal.directory["journal/00000000000000000160.checkpoint-index"], F_OK) == 0)
    try check(scene, seed)
  }
}
