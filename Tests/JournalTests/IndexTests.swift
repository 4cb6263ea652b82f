import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// What a summary rules out is not there, and one that is damaged rules nothing out.
@Suite
struct IndexTests {
  private func grown(_ seed: UInt64) throws -> GrowingJournal {
    let growing = try GrowingJournal(Retention(), seed: seed)
    growing.writer.segmentBytesMax = 6_000
    for _ in 1...120 { try growing.commit() }
    return growing
  }

  /// The segments, by their first commit, in which each object has an entry.
  private func truth(_ growing: GrowingJournal) throws -> [ObjectID: Set<Sequence>] {
    let firsts = try JournalIndex(at: growing.path).segments.map(\.first)
    let reader = try JournalReader.open(at: growing.path)
    var found: [ObjectID: Set<Sequence>] = [:]
    var commit = Commit()
    while try reader.next(&commit) {
      let segment = firsts.last { $0 <= commit.first }!
      for object in commit.changes.objects { found[object.id, default: []].insert(segment) }
    }
    return found
  }

  private func check(_ growing: GrowingJournal) throws {
    let index = try JournalIndex(at: growing.path)
    for (id, segments) in try truth(growing) {
      #expect(segments.isSubset(of: try index.segments(touching: id).map(\.first)), "\(id)")
    }
  }

  @Test func anObjectIsFoundWhereItIsAndHardlyElsewhere() throws {
    let growing = try grown(1)
    #expect(try JournalIndex(at: growing.path).segments.allSatisfy { !$0.isSummarized })
    try check(growing)
    let sealed = try JournalIndex(at: growing.path).segments.count - 1
    #expect(sealed >= 3)
    #expect(try JournalIndex.build(at: growing.path) == sealed)
    #expect(try JournalIndex.build(at: growing.path) == 0)
    let index = try JournalIndex(at: growing.path)
    let newest = try #require(index.segments.last)
    for (id, segments) in try truth(growing) {
      #expect(try Set(index.segments(touching: id).map(\.first)) == segments.union([newest.first]))
    }
    #expect(try index.segments(touching: ObjectID(1 << 40)) == [newest])
    // Compaction leaves it true: an object less is none too many.
    _ = try JournalCompaction.run(at: growing.path, .init(), now: growing.now)
    #expect(try JournalIndex.build(at: growing.path) == 0)
    try check(growing)
  }

  @Test func aTimeIsFoundInItsSegment() throws {
    let growing = try grown(2)
    try JournalIndex.build(at: growing.path)
    let index = try JournalIndex(at: growing.path)
    let reader = try JournalReader.open(at: growing.path)
    var commit = Commit()
    while try reader.next(&commit) {
      let segment = try #require(index.segment(at: commit.header.time))
      #expect(segment.first <= commit.first)
      if let last = segment.last, segment != index.segments.dropLast().last {
        #expect(commit.cursor.sequence <= last)
      }
    }
    #expect(index.segment(at: .zero)?.first == Sequence(1))
  }

  @Test func aDamagedSummaryRulesNothingOut() throws {
    let growing = try grown(3)
    try JournalIndex.build(at: growing.path)
    let file = URL(fileURLWithPath: "\(growing.place["j"])/00000000000000000001.index")
    let whole = try Data(contentsOf: file)
    for at in whole.indices {
      var changed = whole
      changed[at] ^= UInt8(1 << (at % 8))
      for data in [changed, whole.prefix(at)] {
        try data.write(to: file)
        #expect(try !JournalIndex(at: growing.path).segments[0].isSummarized, "byte \(at)")
      }
    }
    #expect(try JournalIndex.build(at: growing.path) == 1)
    #expect(try Data(contentsOf: file) == whole)
    #expect(try JournalVerification(at: growing.path).findings.isEmpty)
  }

  @Test func summariesGoWithTheirSegments() throws {
    let growing = try GrowingJournal(Retention(bytes: 100_000), seed: 4)
    for _ in 1...200 {
      try growing.commit()
      try JournalIndex.build(at: growing.path)
      _ = try growing.maintain()
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: growing.place["j"])
    let numbers = { (ending: String) in Set(names.filter { $0.hasSuffix(ending) }.map { $0.prefix(20) }) }
    #expect(numbers(".index").isSubset(of: numbers(".tlj")))
  }
}
