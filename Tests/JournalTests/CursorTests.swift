import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// Named consumers: what is kept of them, and what is made of a cursor that is not as it was.
@Suite
struct CursorTests {
  private static let golden = JournalCursor(
    name: "golden",
    cursor: Cursor(
      journal: GoldenJournal.id, sequence: Sequence(0x0102_0304_0506), chain: ChainValue(0xfedc_ba98_7654_3210)),
    moved: Timestamp(seconds: 1_800_000_000, nanoseconds: 999_999_999),
    label: Array("/mnt/disk/\u{e4}".utf8) + [0xff])

  private func standing(_ name: String, _ path: [UInt8]) throws -> CursorStanding.State? {
    try CursorStanding.all(in: path).standings.first { $0.cursor.name == name }?.state
  }

  @Test func theGoldenCursorIsStillReadAndWritten() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/version-1-cursor/golden.cursor")
    let place = try TemporaryDirectory()
    _ = try writeSample(at: place["j"], commits: 1, seed: 1)
    try JournalCursors(at: Array(place["j"].utf8)).move(Self.golden)
    #expect(try Data(contentsOf: file) == Data(contentsOf: URL(fileURLWithPath: "\(place["j"])/golden.cursor")))
    #expect(try JournalCursors(at: Array(place["j"].utf8)).cursor("golden") == Self.golden)
  }

  @Test func aCursorIsRegisteredMovedListedAndDropped() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    _ = try writeSample(at: place["j"], commits: 9, seed: 6)
    let cursors = try JournalCursors(at: path)
    #expect(try cursors.all().cursors.isEmpty)
    #expect(try cursors.cursor("disk") == nil)
    let reader = try JournalReader.open(at: path)
    var kept = JournalCursor(name: "disk", cursor: reader.position, moved: .zero, label: [0x2f])
    try cursors.move(kept)
    #expect(try cursors.cursor("disk") == kept)
    var commit = Commit()
    #expect(try reader.next(&commit))
    kept.cursor = commit.cursor
    try cursors.move(kept)
    try cursors.move(JournalCursor(name: "a-second.one", cursor: try reader.durable(), moved: .zero))
    let standings = try CursorStanding.all(in: path).standings
    #expect(standings.map(\.cursor.name) == ["a-second.one", "disk"])
    #expect(standings.map(\.state) == [.live, .live])
    #expect(standings.map(\.behind) == [0, 8])
    #expect(try cursors.drop("disk"))
    #expect(try !cursors.drop("disk"))
    #expect(try cursors.all().cursors.map(\.name) == ["a-second.one"])
  }

  /// After a power cut HEAD may be older than the last commit that was durable.
  @Test func aCursorAboveAnOldHeadIsLive() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    _ = try writeSample(at: place["j"], commits: 5, seed: 8)
    let last: Cursor
    let head: Data
    do {
      let writer = try JournalWriter.open(at: path)
      head = try Data(contentsOf: URL(fileURLWithPath: "\(place["j"])/HEAD"))
      _ = try writer.append(
        ChangeSet(), marks: [Mark(kind: .start, payload: [])], flags: [], rawTime: .now(), drainedSeconds: 0)
      last = try writer.sync()
    }
    try JournalCursors(at: path).move(JournalCursor(name: "disk", cursor: last, moved: .zero))
    try head.write(to: URL(fileURLWithPath: "\(place["j"])/HEAD"))
    let found = try CursorStanding.all(in: path).standings
    #expect(found.map(\.state) == [.live] && found.map(\.behind) == [0])
  }

  @Test func aCursorOfAnotherCourseIsToldSo() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    _ = try writeSample(at: place["j"], commits: 5, seed: 7)
    let cursors = try JournalCursors(at: path)
    let reader = try JournalReader.open(at: path)
    var commit = Commit()
    for _ in 0..<3 { #expect(try reader.next(&commit)) }
    func move(_ change: (inout Cursor) -> Void) throws {
      var cursor = commit.cursor
      change(&cursor)
      try cursors.move(JournalCursor(name: "c", cursor: cursor, moved: .zero))
    }
    try move { _ in }
    #expect(try standing("c", path) == .live)
    try move { $0.chain = ChainValue(1) }
    #expect(try standing("c", path) == .forked)
    try move { $0.sequence = Sequence(6) }
    #expect(try standing("c", path) == .forked)
    try move { $0.journal = GoldenJournal.id }
    #expect(try standing("c", path) == .foreign)
  }

  @Test func everyChangeOfACursorIsFound() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    _ = try writeSample(at: place["j"], commits: 1, seed: 1)
    let cursors = try JournalCursors(at: path)
    try cursors.move(Self.golden)
    let file = URL(fileURLWithPath: "\(place["j"])/golden.cursor")
    let whole = try Data(contentsOf: file)
    func isRefused(_ data: Data) throws -> Bool {
      try data.write(to: file)
      let (all, damaged) = try cursors.all()
      #expect(all.isEmpty == !damaged.isEmpty)
      return all.isEmpty
    }
    for at in 0..<whole.count {
      #expect(try isRefused(whole.prefix(at)), "cut to \(at) bytes")
      for bit in 0..<8 {
        var flipped = whole
        flipped[at] ^= 1 << bit
        #expect(try isRefused(flipped), "byte \(at) bit \(bit)")
      }
    }
    #expect(try isRefused(whole + [0]))
    #expect(try isRefused(whole + Data(count: 1 << 20)))
    #expect(try !isRefused(whole))
    try FileManager.default.removeItem(at: file)
    try succeed(["mkfifo", file.path])
    #expect(try cursors.all().damaged.count == 1)
  }

  @Test(arguments: ["", ".", "..", ".hidden", "a/b", "../x", "\u{e4}", "a b", String(repeating: "x", count: 221)])
  func namesThatCouldMeanAnotherFileAreNone(name: String) throws {
    let place = try TemporaryDirectory()
    _ = try writeSample(at: place["j"], commits: 1, seed: 1)
    let cursors = try JournalCursors(at: Array(place["j"].utf8))
    #expect(!JournalCursor.isName(name))
    #expect(try cursors.cursor(name) == nil)
    #expect(try !cursors.drop(name))
  }

  @Test func whatAnInterruptedMoveLeavesIsNotBelieved() throws {
    let place = try TemporaryDirectory()
    _ = try writeSample(at: place["j"], commits: 1, seed: 1)
    let cursors = try JournalCursors(at: Array(place["j"].utf8))
    try cursors.move(Self.golden)
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(place["j"])/golden.cursor.new"))
    #expect(try cursors.all().cursors == [Self.golden])
    var moved = Self.golden
    moved.cursor.sequence = Sequence(7)
    try cursors.move(moved)
    #expect(try cursors.all().cursors == [moved])
  }
}
