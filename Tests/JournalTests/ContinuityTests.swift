import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// What was missed between two points is told from marks and chain alone.
@Suite
struct ContinuityTests {
  /// One commit a second: the marks of each, or `.partial` for a part of the first scan.
  private static let marks: [[Mark.Kind]?] = [
    nil, nil, [.start, .scan],  // 1 to 3
    [], [.overflow, .rescan], [], [.stop],  // 4 to 7
    [.start, .rescan], [], [.filesystemError], [],  // 8 to 11, which a crash ends
    [.start, .rescan], [], [.mount], [.stop],  // 12 to 15
  ]

  private func journal(_ place: TemporaryDirectory) throws -> [UInt8] {
    let path = Array(place["j"].utf8)
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: [0x2f], rootKey: key([1]), filesystem: [1]))
    for (number, kinds) in Self.marks.enumerated() {
      try writer.append(
        ChangeSet(), marks: (kinds ?? []).map { Mark(kind: $0, payload: [0x62]) },
        flags: kinds == nil ? .partial : .exact,
        rawTime: Timestamp(seconds: Int64(1_000 + number + 1), nanoseconds: 0), drainedSeconds: 0)
    }
    try writer.sync()
    return path
  }

  private func gaps(
    _ path: [UInt8], _ since: JournalContinuity.Point?, _ until: JournalContinuity.Point?
  ) throws -> [String] {
    try JournalContinuity(at: path, since: since, until: until).gaps.map { gap in
      "\(gap.kind.rawValue) \(gap.after?.rawValue ?? 0)-\(gap.until?.rawValue ?? 0)"
    }
  }

  private func at(_ number: UInt64) -> JournalContinuity.Point { .sequence(Sequence(number)) }
  private func second(_ number: Int64) -> JournalContinuity.Point { .time(Timestamp(seconds: 1_000 + number, nanoseconds: 0)) }

  @Test func everyBreakIsToldOnce() throws {
    let place = try TemporaryDirectory()
    let path = try journal(place)
    let all = ["overflow 4-5", "stopped 7-8", "filesystemError 9-10", "broken 11-12"]
    #expect(try gaps(path, nil, nil) == all)
    #expect(try gaps(path, at(3), nil) == all)
    #expect(try gaps(path, second(3), nil) == all)
    #expect(try gaps(path, at(1), nil).first == "scan 1-3")
    #expect(try gaps(path, at(5), at(7)) == [])
    #expect(try gaps(path, second(5), second(7)) == [])
    #expect(try gaps(path, at(4), at(5)) == ["overflow 4-5"])
    #expect(try gaps(path, at(7), at(8)) == ["stopped 7-8"])
    #expect(try gaps(path, at(12), at(15)) == [])
    #expect(try gaps(path, at(12), at(16)) == ["after 15-0"])
    #expect(try gaps(path, second(12), second(20)) == ["after 15-0"])
  }

  @Test func aPointWithinABreakHasIt() throws {
    let place = try TemporaryDirectory()
    let path = try journal(place)
    let between: (Int64) -> JournalContinuity.Point = { .time(Timestamp(seconds: 1_000 + $0, nanoseconds: 500)) }
    #expect(try gaps(path, between(7), between(8)) == ["stopped 7-8"])
    #expect(try gaps(path, second(6), between(7)) == ["stopped 7-8"])
    #expect(try gaps(path, between(11), second(13)) == ["broken 11-12"])
    #expect(try gaps(path, between(8), between(8)) == [])
  }

  @Test func aJournalThatBeginsLaterSaysSo() throws {
    let growing = try GrowingJournal(Retention(bytes: 100_000), seed: 5)
    while try JournalReader.open(at: growing.path).oldest.sequence == .zero {
      try growing.commit()
      _ = try growing.maintain()
    }
    let oldest = try JournalReader.open(at: growing.path).oldest.sequence
    #expect(try gaps(growing.path, at(1), nil) == ["before 0-\(oldest.next.rawValue)"])
    #expect(try gaps(growing.path, at(oldest.rawValue), nil) == [])
    #expect(try gaps(growing.path, nil, nil) == [])
  }

  @Test func whatWasCompactedIsToldTheSame() throws {
    let growing = try GrowingJournal(Retention(), seed: 6)
    growing.writer.segmentBytesMax = 8_000
    for number in 1...120 {
      try growing.commit(marks: number == 3 ? [Mark(kind: .start), Mark(kind: .scan)] : number == 50 ? [Mark(kind: .overflow)] : [])
    }
    let before = try gaps(growing.path, nil, nil)
    _ = try JournalCompaction.run(at: growing.path, .init(), now: growing.now)
    #expect(before == ["overflow 49-50"])
    #expect(try gaps(growing.path, nil, nil) == before)
  }
}
