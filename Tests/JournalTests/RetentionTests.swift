import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// The oldest of a journal is dropped, on purpose only, and what is left is whole.
@Suite
struct RetentionTests {
  private func isDamaged(_ path: [UInt8]) throws -> Bool { try !JournalVerification(at: path).findings.isEmpty }

  @Test func aJournalStaysWithinItsBytesForever() throws {
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    let retention = Retention(bytes: 60_000)
    let growing = try GrowingJournal(retention, seed: seed)
    var most = 0
    for round in 1...(Thoroughness.isFull ? 10_000 : 300) {
      try growing.commit()
      _ = try growing.maintain()
      most = try max(most, growing.bytes)
      if round % 100 == 0 {
        try growing.check()
        try growing.open(retention)
      }
    }
    // A segment that is being written, and a checkpoint of the tree, come on top.
    #expect(most < 120_000, "\(most) bytes at most")
    #expect(try JournalReader.open(at: growing.path).oldest.sequence > Sequence(50))
    #expect(try !isDamaged(growing.path))
  }

  @Test func whatIsOldGoesAndWhatIsYoungStays() throws {
    let growing = try GrowingJournal(Retention(seconds: 80), seed: 3)
    for _ in 1...300 {
      try growing.commit()
      _ = try growing.maintain()
    }
    let reader = try JournalReader.open(at: growing.path)
    var commit = Commit()
    #expect(try reader.next(&commit))
    let age = growing.seconds - commit.header.time.seconds
    // Segments are 10 s long; of the checkpoints one in 20 s is kept.
    #expect((80...125).contains(age), "\(age) s")
    try growing.check()
  }

  @Test func aQuietJournalLosesItsOldHistoryToo() throws {
    let growing = try GrowingJournal(Retention(seconds: 80), seed: 4)
    for _ in 1...5 { try growing.commit() }
    #expect(try growing.writer.retire(now: Timestamp(seconds: growing.seconds + 79, nanoseconds: 0)) == Retention.Outcome())
    let later = Timestamp(seconds: growing.seconds + 200, nanoseconds: 0)
    #expect(try growing.writer.retire(now: later).wantsCheckpoint)
    try growing.checkpoint()
    #expect(try growing.writer.retire(now: later).droppedUpTo == Sequence(5))
    #expect(try growing.writer.retire(now: later) == Retention.Outcome())
    try growing.check()
    try growing.open(Retention(seconds: 80))
    try growing.commit()
    try growing.check()
  }

  @Test func aCursorHoldsUpToTwiceTheBytes() throws {
    let growing = try GrowingJournal(Retention(bytes: 100_000), seed: 5)
    for _ in 1...20 { try growing.commit() }
    let cursors = try JournalCursors(at: growing.path)
    try cursors.move(JournalCursor(name: "away", cursor: growing.writer.last, moved: .zero))
    let held = growing.writer.last
    var lost: [String] = []
    while try growing.bytes < 150_000 {
      try growing.commit()
      lost += try growing.maintain().lost.map(\.name)
    }
    #expect(lost.isEmpty)
    let follower = try JournalReader.open(at: growing.path)
    #expect(try follower.seek(after: held))
    var least = Int.max
    for _ in 1...1_000 where lost.isEmpty {
      try growing.commit()
      lost += try growing.maintain().lost.map(\.name)
      least = try growing.bytes
    }
    #expect(lost == ["away"])
    #expect(least < 200_000)
    let standing = try #require(try CursorStanding.all(in: growing.path).standings.first)
    #expect(standing.state == .lost)
    // One that reads on has its segment open still; at the end of that it is told so, and does not take it
    // for damage, nor for the end.
    let border = try JournalReader.open(at: growing.path).oldest.sequence
    while try JournalReader.open(at: growing.path).oldest.sequence == border {
      try growing.commit()
      _ = try growing.maintain()
    }
    var commit = Commit()
    #expect {
      while try follower.next(&commit) {}
    } throws: { error in
      if case JournalError.dropped = error { true } else { false }
    }
    #expect(try !JournalReader.open(at: growing.path).seek(after: held))
    try growing.check()
  }

  @Test func segmentsThatNobodyDroppedAreMissed() throws {
    let growing = try GrowingJournal(Retention(bytes: 100_000), seed: 6)
    while try JournalReader.open(at: growing.path).oldest.sequence == .zero {
      try growing.commit()
      _ = try growing.maintain()
    }
    #expect(try !isDamaged(growing.path))
    growing.close()
    let names = try growing.segments().map { "\(growing.place["j"])/\($0)" }
    #expect(names.count >= 3)
    for name in names.dropLast() {
      try FileManager.default.moveItem(atPath: name, toPath: growing.place["aside"])
      #expect(try isDamaged(growing.path), "without \(name)")
      try FileManager.default.moveItem(atPath: growing.place["aside"], toPath: name)
    }
    let oldest = URL(fileURLWithPath: "\(growing.place["j"])/OLDEST")
    let whole = try Data(contentsOf: oldest)
    for at in stride(from: 0, to: whole.count, by: 3) {
      for changed in [Data(whole.prefix(at)), whole.prefix(at) + [whole[at] ^ 4] + whole.dropFirst(at + 1)] {
        try changed.write(to: oldest)
        #expect(try isDamaged(growing.path))
        #expect(throws: JournalError.self) { _ = try JournalWriter.open(at: growing.path) }
      }
    }
    try FileManager.default.removeItem(at: oldest)
    #expect(try isDamaged(growing.path))
    try whole.write(to: oldest)
    #expect(try !isDamaged(growing.path))
  }

  @Test func aCrashWhileDroppingLeavesAWholeJournal() throws {
    let growing = try GrowingJournal(Retention(bytes: 100_000), seed: 7)
    let before = growing.place["before"]
    var outcome = Retention.Outcome()
    repeat {
      try growing.commit()
      if growing.writer.isSegmentFull(now: growing.now) { try growing.checkpoint() }
      _ = try? FileManager.default.removeItem(atPath: before)
      try succeed(["cp", "-r", growing.place["j"], before])
      outcome = try growing.writer.retire(now: growing.now)
    } while outcome.segmentCount < 1
    let after = try Set(FileManager.default.contentsOfDirectory(atPath: growing.place["j"]))
    let dropped = try FileManager.default.contentsOfDirectory(atPath: before).filter { !after.contains($0) }.sorted()
    #expect(!dropped.isEmpty)
    // The segments are removed first, then the checkpoints, each in order: a crash leaves the rest.
    let order = dropped.filter { $0.hasSuffix(".tlj") } + dropped.filter { !$0.hasSuffix(".tlj") }
    for count in 0...order.count {
      for name in order.dropFirst(count) {
        try succeed(["cp", "\(before)/\(name)", "\(growing.place["j"])/\(name)"])
      }
      try growing.check()
      #expect(try !isDamaged(growing.path))
      try growing.open(Retention(bytes: 100_000))
      #expect(try growing.writer.retire(now: growing.now).droppedUpTo == nil)
      #expect(try Set(FileManager.default.contentsOfDirectory(atPath: growing.place["j"])) == after)
    }
  }

  @Test func onlyCheckpointsThatServeSomethingAreKept() throws {
    let growing = try GrowingJournal(Retention(), seed: 8)
    for _ in 1...12 {
      try growing.commit()
      try growing.checkpoint()
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: growing.place["j"])
    #expect((2...4).contains(names.count { $0.hasSuffix(".checkpoint") }), "\(names)")
  }
}
