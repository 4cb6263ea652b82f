import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// A journal whose commits are a second apart, and the tree that they make.
final class GrowingJournal {
  let place: TemporaryDirectory
  var path: [UInt8] { Array(place["j"].utf8) }
  private var opened: JournalWriter?
  var writer: JournalWriter { opened! }
  private(set) var seconds: Int64 = 1_700_000_000
  private var generator: SeededGenerator
  private var living: [UInt64] = []
  private var nextID: UInt64 = 2
  /// The composition of all commits up to each.
  private(set) var trees: [[String]] = [[]]
  /// The chain value after each commit.
  private(set) var chains = [ChainValue.start]
  private var sum = ChangeSet()

  var now: Timestamp { Timestamp(seconds: seconds, nanoseconds: 0) }

  init(_ retention: Retention, seed: UInt64) throws {
    place = try TemporaryDirectory()
    generator = SeededGenerator(seed)
    opened = try JournalWriter.create(
      at: Array(place["j"].utf8),
      source: SourceIdentity(path: Array("/s".utf8), rootKey: key([1]), filesystem: [1]))
    writer.retention = retention
  }

  func open(_ retention: Retention) throws {
    close()
    opened = try JournalWriter.open(at: path)
    writer.retention = retention
  }

  func close() { opened = nil }

  /// Creates some files and removes others.
  func commit(marks: [Mark] = []) throws {
    var changes = ChangeSet()
    for _ in 0..<Int.random(in: 1...40, using: &generator) {
      let isNew = living.count < 10 || Bool.random(using: &generator)
      let at = Int.random(in: 0..<max(living.count, 1), using: &generator)
      let id = isNew ? nextID : living.remove(at: at)
      if changes.objects.contains(where: { $0.id.rawValue == id }) {
        living.append(id)
        continue
      }
      if isNew {
        nextID += 1
        living.append(id)
      }
      var object = ObjectChange(
        id: ObjectID(id), facts: isNew ? [.created, .content] : .removed,
        attributes: Attributes(mode: 0o100_600, uid: 0, gid: 0, sizeBytes: id, modified: .zero),
        changed: .zero, firstLink: UInt32(changes.links.count), linkCount: 1)
      if isNew { object.key = changes.store(key([1, 2, 3, UInt8(id & 255)])) }
      changes.links.append(
        LinkChange(parent: .root, name: changes.store(Array("file \(id)".utf8)), isGained: isNew))
      changes.objects.append(object)
    }
    seconds += 1
    try writer.append(changes, marks: marks, flags: .exact, rawTime: now, drainedSeconds: seconds)
    try writer.sync()
    sum = compose(sum, changes)
    trees.append(describe(sum).sorted())
    chains.append(writer.last.chain)
  }

  func checkpoint() throws {
    let checkpoint = try writer.beginCheckpoint(at: writer.last, nextObjectID: ObjectID(nextID))
    try checkpoint.add(sum)
    try checkpoint.commit()
    try writer.seal()
  }

  /// What the running program does after a commit.
  func maintain() throws -> Retention.Outcome {
    if writer.isSegmentFull(now: now) { try checkpoint() }
    var outcome = try writer.retire(now: now)
    if outcome.wantsCheckpoint {
      try checkpoint()
      let again = try writer.retire(now: now)
      if again.droppedUpTo != nil { outcome = again }
    }
    return outcome
  }

  var bytes: Int {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: place["j"])
        .filter { $0.hasSuffix(".tlj") || $0.hasSuffix(".checkpoint") }
        .reduce(0) { sum, name in
          try sum + (FileManager.default.attributesOfItem(atPath: "\(place["j"])/\(name)")[.size] as! Int)
        }
    }
  }

  func segments() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place["j"]).filter { $0.hasSuffix(".tlj") }.sorted()
  }

  /// Checks that each commit's tree that is a point of its own can be made from what is left.
  ///
  /// - Returns: the commits that are.
  @discardableResult
  func check() throws -> [Cursor] {
    let reader = try JournalReader.open(at: path)
    var tree = ChangeSet()
    if reader.oldest.sequence > .zero {
      let base = try #require(try reader.checkpoint(atOrBefore: reader.oldest.sequence))
      #expect(base.cursor == reader.oldest)
      var part = ChangeSet()
      while try base.next(&part) { tree = compose(tree, part) }
      #expect(try reader.seek(after: base.cursor))
    }
    #expect(describe(tree).sorted() == trees[Int(reader.oldest.sequence.rawValue)])
    var commit = Commit()
    var points: [Cursor] = []
    while try reader.next(&commit) {
      tree = compose(tree, commit.changes)
      #expect(describe(tree).sorted() == trees[Int(commit.cursor.sequence.rawValue)])
      #expect(commit.cursor.chain == chains[Int(commit.cursor.sequence.rawValue)])
      points.append(commit.cursor)
    }
    #expect(Int(reader.position.sequence.rawValue) == trees.count - 1)
    return points
  }
}
