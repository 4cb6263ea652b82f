import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree
import Treeline

struct StatisticsTests {
  /// A first scan, work in two directories by two programs, and an hour in which nothing ran.
  private func example() throws -> JournalLiteral {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) {
      $0.directory(2, 1, "a")
      $0.directory(3, 2, "b")
      $0.file(4, 3, "x", size: 10)
    }
    for _ in 0..<5 {
      try journal.commit(by: "/usr/bin/vi") {
        $0.change(3, .attributes, mode: 0o040755)
        $0.change(4, [.content, .attributes], size: 100)
      }
    }
    try journal.commit(by: "/usr/bin/mv") {
      $0.change(4, [], size: 100, lost: [(3, "x")], gained: [(2, "x")])
    }
    try journal.commit(marks: [Mark(kind: .stop)])
    journal.wait(seconds: 3_600)
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .rescan)]) {
      $0.directory(5, 1, "new\u{202e}")
      $0.file(6, 5, "y", size: 7)
    }
    try journal.commit { $0.change(6, .removed, lost: [(5, "y")]) }
    return journal
  }

  @Test func itSaysWhereAndByWhomAndWhenThereWasNobodyToLook() throws {
    let journal = try example()
    let all = try JournalStatistics(journal: journal.path)
    #expect(all.commitCount == 10)
    #expect(all.directories.map { "\(printable($0.path)) \($0.changeCount) \($0.writtenBytes)" }.sorted() == [
      ". 1 0", "a 1 0", "a/b 5 500", "new\\xe2\\x80\\xae 2 7",
    ])
    #expect(all.directories[0].path == Array("a/b".utf8))
    #expect(all.directories.allSatisfy { $0.error == 0 } && !all.isDirectoryLossy)
    #expect(all.actors.map { "\(printable($0.name)) \($0.changeCount)" } == ["vi 10", "mv 1"])
    #expect(all.gaps.last().map(\.kind) == [.stopped, .rescan])
    #expect(all.gaps.last().first?.seconds == 3_601)
    #expect(all.timeline.bins.reduce(0) { $0 + $1.changeCount } == 14)
    #expect(all.scanned.objectCount == 3 && all.followed.objectCount == 14)
    #expect(all.scanned.fileBytes + all.followed.fileBytes <= all.bytes)
    #expect(all.scanned.plainBytes > 0 && all.followed.fileBytes > 0)
  }

  @Test func aSpanIsCountedAloneAndItsDirectoriesAreKnown() throws {
    let journal = try example()
    let some = try JournalStatistics(
      journal: journal.path, since: .sequence(Sequence(3)), until: .sequence(Sequence(6)))
    #expect(some.commitCount == 4)
    #expect(some.directories.map { printable($0.path) } == ["a/b"])
    #expect(some.directories[0].changeCount == 4)
    #expect(some.gaps.last().isEmpty)
  }

  @Test func aKilledRecordingIsAGapOfItsOwn() throws {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) { $0.directory(2, 1, "a") }
    journal.wait(seconds: 10)
    try journal.commit(marks: [Mark(kind: .start)])
    #expect(try JournalStatistics(journal: journal.path).gaps.counts == [.killed: 1])
  }

  @Test func theChartIsAsWideAsTheTerminalAndAPipeGetsNone() throws {
    let journal = try example()
    let all = try JournalStatistics(journal: journal.path)
    for width in [40, 60, 200] {
      let text = StatisticsText(all, journal: journal.path, width: width).text
      let chart = text.split(separator: "\n").filter { $0.hasPrefix("rate") }
      #expect(chart.count == 1 && chart[0].count <= width, "\(text)")
      #expect(text.contains("█") && !text.contains("\u{202e}"))
    }
    let plain = StatisticsText(all, journal: journal.path, width: nil).text
    #expect(plain.contains("directory\t5\t0\ta/b/\n"))
    #expect(plain.unicodeScalars.allSatisfy { !(0x2580...0x259f).contains($0.value) }, "\(plain)")
  }

  @Test func theNumbersAsJSONAreWholeAndKeepTheirNames() throws {
    let journal = try example()
    var json = JSONWriter()
    try JournalStatistics(journal: journal.path).write(to: &json, journal: journal.path)
    let value = try #require(JSONValue(json.bytes))
    for name in [
      "journal", "id", "source", "first_seq", "last_seq", "first_time", "last_time", "commits",
      "exact", "partial", "objects", "created", "removed", "content", "links", "bytes", "segments",
      "checkpoints", "marks", "scanned", "followed", "bin_seconds", "timeline", "directories",
      "processes", "gap_counts", "gaps",
    ] {
      #expect(value[name] != .null, "\(name)")
    }
  }

  @Test func theMostFrequentAreFoundAndNoCountIsFurtherOffThanSaid() {
    let seed = Thoroughness.seed()
    var generator = SeededGenerator(seed)
    var hitters = HeavyHitters<Int>(limit: 50)
    var truth: [Int: UInt64] = [:]
    for _ in 0..<100_000 {
      // A tenth is of one key of ten, the rest of one of ten thousand.
      let key = Int.random(in: 0..<10, using: &generator) == 0
        ? Int.random(in: 0..<10, using: &generator) : Int.random(in: 10..<10_000, using: &generator)
      hitters.add(key)
      truth[key, default: 0] += 1
    }
    #expect(hitters.isApproximate && hitters.entries.count <= 100)
    let least = hitters.entries.map(\.error).max()!
    for entry in hitters.entries {
      let count = truth[entry.key, default: 0]
      #expect(count <= entry.count && entry.count - entry.error <= count, "TREELINE_SEED=\(seed)")
    }
    for (key, count) in truth where count > least { #expect(hitters.contains(key), "TREELINE_SEED=\(seed)") }
  }

  @Test func aTimelineOfAnyLengthKeepsItsSums() {
    var timeline = ActivityTimeline()
    var one = Activity()
    one.changeCount = 1
    let times: [Int64] = [-5, 0, 3, 700, 100_000, 1 << 33, 1 << 50, .max - 1, .max]
    for time in times { timeline.add(one, at: Timestamp(seconds: time, nanoseconds: 0)) }
    #expect(timeline.bins.count <= ActivityTimeline.binCountMax)
    for limit in [1, 7, 80, 1_000] {
      let some = timeline.inBins(atMost: limit)
      #expect(some.bins.count <= limit)
      #expect(some.bins.reduce(0) { $0 + $1.changeCount } == UInt64(times.count))
    }
  }

  @Test func moreDirectoriesThanThereIsRoomForCountFurtherUp() {
    var table = DirectoryTable()
    for first in stride(from: UInt64(3), to: 200_003, by: 10_000) {
      var literal = ChangeSetLiteral()
      if first == 3 { literal.directory(2, 1, "top") }
      for id in first..<first + 10_000 { literal.directory(id, 2, "d\(id)") }
      table.apply(literal.changes) { _ in false }
    }
    #expect(table.isLossy)
    #expect(table.path(of: table.nearest(ObjectID(3))) == Array("top/d3".utf8))
    #expect(table.path(of: table.nearest(ObjectID(200_002))) == Array("top".utf8))
  }
}

/// SplitMix64: the same numbers from the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
