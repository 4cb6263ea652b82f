import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// Compacted commits are the net of those they stand for, and hold their place in the chain.
@Suite
struct CompactionTests {
  /// Small segments; each holds some dozens of commits.
  private static let retention = Retention(bytes: 1 << 20)

  private func grown(_ seed: UInt64, commits: Int = 150) throws -> GrowingJournal {
    let growing = try GrowingJournal(Retention(), seed: seed)
    growing.writer.segmentBytesMax = 8_000
    for number in 1...commits {
      try growing.commit(marks: number % 40 == 7 ? [Mark(kind: .overflow), Mark(kind: .rescan)] : [])
    }
    return growing
  }

  private func compact(
    _ growing: GrowingJournal, _ policy: JournalCompaction.Policy = .init()
  ) throws -> JournalCompaction.Outcome {
    try JournalCompaction.run(at: growing.path, policy, now: growing.now)
  }

  private func commits(_ growing: GrowingJournal) throws -> [Commit] {
    let reader = try JournalReader.open(at: growing.path)
    var all: [Commit] = []
    var commit = Commit()
    while try reader.next(&commit) { all.append(commit) }
    return all
  }

  @Test func netChangesMakeTheSameTreesAndKeepTheChain() throws {
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    let growing = try grown(seed)
    let before = try growing.check()
    #expect(before.count == 150)
    let outcome = try compact(growing)
    #expect(outcome.segmentCount >= 3 && outcome.bytesAfter < outcome.bytesBefore, "\(outcome)")
    #expect(outcome.commitsAfter < outcome.commitsBefore / 3, "\(outcome)")
    let after = try growing.check()
    #expect(after.count < 80 && Set(after).isSubset(of: before))
    #expect(try JournalVerification(at: growing.path).findings.isEmpty)
    let all = try commits(growing)
    #expect(all.reduce(0) { $0 + $1.commitCount } == 150)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.cursor.sequence.next == $1.first })
    // What marks tell of stays where it was, and a writer goes on.
    for commit in all where !commit.marks.isEmpty { #expect(!commit.isNet && commit.marks.count == 2) }
    #expect(all.count { !$0.marks.isEmpty } == 4)
    for _ in 1...60 { try growing.commit() }
    try growing.check()
    growing.close()
    try growing.open(Self.retention)
    try growing.commit()
    try growing.check()
    #expect(try compact(growing).segmentCount > 0)
    try growing.check()
  }

  @Test func cursorsAndCheckpointsStayPointsOfTheirOwn() throws {
    let growing = try grown(2, commits: 40)
    try growing.checkpoint()
    for _ in 1...30 { try growing.commit() }
    let held = growing.writer.last
    let cursors = try JournalCursors(at: growing.path)
    try cursors.move(JournalCursor(name: "held", cursor: held, moved: .zero))
    for _ in 1...80 { try growing.commit() }
    try growing.writer.seal()
    _ = try compact(growing)
    let points = try growing.check()
    #expect(points.contains(held))
    let reader = try JournalReader.open(at: growing.path)
    #expect(try reader.seek(after: held))
    #expect(try CursorStanding.all(in: growing.path).standings.first?.state == .live)
    let checkpoint = try #require(try reader.checkpoint())
    #expect(try reader.seek(after: checkpoint.cursor))
    // A point that was composed away is none any more, and is not taken for another.
    let gone = try #require((1...150).map { Sequence(UInt64($0)) }.first { number in !points.contains { $0.sequence == number } })
    #expect(try !reader.seek(after: gone))
  }

  @Test func aNumberThatWasComposedAwayLeadsToThePointBefore() throws {
    let growing = try grown(9)
    _ = try compact(growing)
    let points = try [Sequence.zero] + growing.check().map(\.sequence)
    let reader = try JournalReader.open(at: growing.path)
    var commit = Commit()
    for number in 0...155 {
      let expected = points.last { $0.rawValue <= number }!
      #expect(try reader.seek(atOrBefore: Sequence(UInt64(number))) == expected)
      #expect(reader.position.chain == growing.chains[Int(expected.rawValue)])
      #expect(try reader.next(&commit) == (expected != points.last))
      #expect(expected == points.last || commit.first == expected.next)
    }
  }

  @Test func spansOfTimeStayApart() throws {
    let growing = try grown(3)
    _ = try compact(growing, .init(spanSeconds: 10))
    for commit in try commits(growing) {
      #expect(commit.header.time.seconds - commit.firstTime.seconds < 10)
    }
    try growing.check()
    _ = try compact(growing)
    try growing.check()
    // What is young, or compacted before, is left alone unasked.
    #expect(try compact(growing, .automatic) == JournalCompaction.Outcome())
  }

  @Test func whoeverReadsMeanwhileReadsTheSame() throws {
    let growing = try grown(4)
    let readers = try (0..<20).map { at in
      let reader = try JournalReader.open(at: growing.path)
      #expect(try reader.seek(after: Sequence(UInt64(at * 7))))
      return reader
    }
    _ = try compact(growing)
    var commit = Commit()
    for reader in readers {
      while try reader.next(&commit) {
        #expect(commit.cursor.chain == growing.chains[Int(commit.cursor.sequence.rawValue)])
      }
      #expect(reader.position == growing.writer.last)
    }
  }

  @Test func twoCompactionsAtOnceAreRefused() throws {
    let growing = try grown(5)
    var inner: (any Error)?
    _ = try JournalCompaction.run(at: growing.path, .init(), now: growing.now) {
      if inner == nil {
        do { _ = try compact(growing) } catch { inner = error }
      }
      return false
    }
    guard case .locked = inner as? JournalError else {
      Issue.record("\(String(describing: inner))")
      return
    }
    try growing.check()
  }

  @Test func oneThatIsStoppedLeavesSegmentsWhole() throws {
    let growing = try grown(6)
    for stop in stride(from: 0, to: 200, by: 23) {
      var asked = 0
      _ = try JournalCompaction.run(at: growing.path, .init(), now: growing.now) {
        asked += 1
        return asked > stop
      }
      try growing.check()
    }
  }

  @Test func whoDidItIsKeptForWhatIsLeft() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: [0x2f], rootKey: key([1]), filesystem: [1]))
    var generator = SeededGenerator(7)
    var expected: [ObjectID: Set<[UInt8]>] = [:]
    for id in UInt64(2)..<30 {
      var changes = ChangeSet()
      var object = ObjectChange(
        id: ObjectID(id % 5 + 2), facts: .attributes,
        attributes: Attributes(mode: 0o100_600, uid: 0, gid: 0, modified: .zero), changed: .zero)
      object.drainedSeconds = Int64(id)
      changes.objects.append(object)
      let who = randomAttribution(&generator, changes)
      for act in who[object.id] { expected[object.id, default: []].insert(who.processes[act.process].executable) }
      try writer.append(changes, by: who, rawTime: .now(), drainedSeconds: 0)
    }
    try writer.seal()
    _ = try JournalCompaction.run(at: path, .init(), now: .now())
    let reader = try JournalReader.open(at: path)
    var commit = Commit()
    var found: [ObjectID: Set<[UInt8]>] = [:]
    while try reader.next(&commit) {
      for object in commit.changes.objects {
        for act in commit.attribution[object.id] {
          found[object.id, default: []].insert(commit.attribution.processes[act.process].executable)
        }
      }
    }
    #expect(!found.isEmpty)
    for (id, names) in found { #expect(names.isSubset(of: expected[id]!)) }
    for (id, names) in expected { #expect(found[id]?.count ?? 0 >= min(names.count, 10)) }
  }

  @Test func whatCameAndWentIsKeptUpToABound() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: [0x2f], rootKey: key([1]), filesystem: [1]))
    /// Commits an object, in which directory, and what came and went beside it.
    func commit(
      _ program: String, _ object: (id: UInt64, facts: ObjectChange.Facts, parent: UInt64, name: String),
      mode: UInt32 = 0o100_600, passed: [(parent: UInt64, name: String)] = []
    ) throws {
      var changes = ChangeSet()
      let name = changes.store(Array(object.name.utf8))
      changes.links = [
        LinkChange(parent: ObjectID(object.parent), name: name, isGained: object.facts.contains(.created))
      ]
      var change = ObjectChange(
        id: ObjectID(object.id), facts: object.facts, attributes: Attributes(mode: mode, uid: 0, gid: 0, modified: .zero),
        changed: .zero, linkCount: 1)
      if object.facts.contains(.created) { change.key = changes.store(key([UInt8(object.id)])) }
      changes.objects = [change]
      var who = Attribution()
      var process = ProcessRecord(pid: 1, standing: .exited)
      process.executable = Array(program.utf8)
      let act = Attribution.Act(process: who.add(process), deeds: [.create])
      who.set([act], of: change.id)
      for one in passed {
        who.addTransient(Name(Array(one.name.utf8)), in: ObjectID(one.parent), isDirectory: false, [act])
      }
      try writer.append(changes, by: who, rawTime: .now(), drainedSeconds: 0)
    }
    try commit("A", (2, .created, 1, "directory"), mode: 0o040_700, passed: [(1, "again"), (2, "inside")])
    try commit("B", (3, .created, 2, "made and removed"), passed: [(1, "again")])
    try commit("C", (4, .created, 1, "short"), mode: 0o040_700)
    try commit("C", (5, .created, 4, "in what went"), passed: [(4, "in what went, too")])
    try commit("C", (5, .removed, 4, "in what went"))
    try commit("C", (4, .removed, 1, "short"), mode: 0o040_700)
    try commit("C", (3, .removed, 2, "made and removed"))
    try writer.seal()
    let isOne = { () throws -> [String] in
      let reader = try JournalReader.open(at: path)
      var commit = Commit()
      var told: [String] = []
      while try reader.next(&commit) {
        let who = commit.attribution
        told += who.transients.map { transient in
          let programs = who[transient].map { String(decoding: who.processes[$0.process].executable, as: UTF8.self) }
          return "\(transient.parent.rawValue) \(String(decoding: transient.name.bytes, as: UTF8.self))"
            + "\(transient.isDirectory ? "/" : "") \(programs.sorted().joined(separator: ","))"
        }
      }
      return told
    }
    let expected = ["1 again A,B", "1 short/ C", "2 inside A", "2 made and removed B,C"]
    for _ in 0..<2 {
      _ = try JournalCompaction.run(at: path, .init(), now: .now())
      #expect(try isOne().sorted() == expected)
    }
    for number in 0..<40 {
      try commit("D", (10 + UInt64(number), .created, 1, "f\(number)"), passed: (0..<10).map { (1, "t\(number * 10 + $0)") })
    }
    try writer.seal()
    _ = try JournalCompaction.run(at: path, .init(), now: .now())
    let all = try isOne()
    #expect(all.count == expected.count + Attribution.transientCountMax)
    #expect(all.contains("1 t0 D") && !all.contains("1 t399 D"))
    #expect(try JournalVerification(at: path).findings.isEmpty)
  }

  @Test func everyFlippedBitOfACompactedSegmentIsFound() throws {
    let growing = try grown(8, commits: 60)
    _ = try compact(growing)
    growing.close()
    let name = "\(growing.place["j"])/00000000000000000001.tlj"
    let file = URL(fileURLWithPath: name)
    let whole = try Data(contentsOf: file)
    func isWhole() -> Bool {
      guard let reader = try? JournalReader.open(at: growing.path) else { return false }
      var commit = Commit()
      do {
        while try reader.next(&commit) {
          guard commit.cursor.chain == growing.chains[Int(commit.cursor.sequence.rawValue)] else { return false }
        }
      } catch { return false }
      return true
    }
    #expect(isWhole())
    var cases = 0
    for at in whole.indices where at % 3 == 0 || Thoroughness.isFull {
      var flipped = whole
      flipped[at] ^= 1 << (at / 3 % 8)
      try flipped.write(to: file)
      // A flag of the header that a reader may ignore is the one thing that may be another.
      #expect(!isWhole() || (20..<24).contains(at), "byte \(at)")
      try whole.prefix(at).write(to: file)
      #expect(!isWhole(), "cut to \(at)")
      cases += 2
    }
    print("\(cases) cases")
    try whole.write(to: file)
    #expect(isWhole())
  }

  @Test func theGoldenCompactedJournalIsStillRead() throws {
    let place = try TemporaryDirectory()
    for name in ["version-1-compacted", "version-1-packed-compacted"] {
      let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden/\(name)").path
      try succeed(["cp", "-r", golden, place[name]])
      try succeed(["chmod", "700", place[name]])
    }
    try GoldenCompacted.write(at: place["new"])
    for name in ["version-1-compacted", "version-1-packed-compacted", "new"] {
      let path = Array(place[name].utf8)
      let reader = try JournalReader.open(at: path)
      var commit = Commit()
      var ranges: [ClosedRange<UInt64>] = []
      while try reader.next(&commit) {
        ranges.append(commit.first.rawValue...commit.cursor.sequence.rawValue)
        guard commit.isNet else { continue }
        let object = try #require(commit.changes.objects.first)
        #expect(commit.changes.objects.count == 1 && object.id == ObjectID(58))
        let links = commit.changes.links(of: object).map {
          "\($0.isGained) \(String(decoding: commit.changes.array($0.name), as: UTF8.self))"
        }
        #expect(Set(links) == ["false file", "true three"])
        #expect(commit.attribution[object.id].count == 3)
        #expect(commit.firstTime.seconds == 1_800_000_002 && commit.header.time.seconds == 1_800_000_004)
        #expect(commit.header.flags == .exact)
      }
      #expect(ranges == GoldenCompacted.ranges)
      #expect(try JournalVerification(at: path).findings.isEmpty)
    }
  }
}
