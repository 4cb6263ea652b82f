import Foundation
import Journal
import LinuxSystem
import SystemPackage
import TestSupport
import Testing
import Tree

/// What a crash can leave is taken up again; what was acknowledged is still there.
@Suite
struct RecoveryTests {
  private let segment = "00000000000000000001.tlj"

  private func readAll(_ path: String) throws -> [[String]] {
    let reader = try JournalReader.open(at: Array(path.utf8))
    var commits: [[String]] = []
    var commit = Commit()
    while try reader.next(&commit) { commits.append(describe(commit.changes)) }
    return commits
  }

  /// Two commits that are durable and a third that is written and not synced; the segment's size after
  /// the second.
  private func writeUnsynced(at path: String, seed: UInt64) throws -> (commits: [[String]], durable: Int) {
    var generator = SeededGenerator(seed)
    let writer = try JournalWriter.create(
      at: Array(path.utf8),
      source: SourceIdentity(path: Array("/s".utf8), rootKey: key([1]), filesystem: [1]))
    var commits: [[String]] = []
    var durable = 0
    for number in 1...3 {
      let changes = randomChanges(&generator, most: 4)
      try writer.append(changes, rawTime: .now(), drainedSeconds: 0)
      commits.append(describe(changes))
      guard number == 2 else { continue }
      try writer.sync()
      durable = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(segment)")).count
    }
    return (commits, durable)
  }

  @Test func whatWasNotDurableMayEndAtAnyByte() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    let (commits, durable) = try writeUnsynced(at: path, seed: seed)
    let head = try Data(contentsOf: URL(fileURLWithPath: "\(path)/HEAD"))
    let file = URL(fileURLWithPath: "\(path)/\(segment)")
    let whole = try Data(contentsOf: file)
    #expect(try readAll(path) == commits)
    for length in durable..<whole.count {
      try whole.prefix(length).write(to: file)
      try head.write(to: URL(fileURLWithPath: "\(path)/HEAD"))
      #expect(try readAll(path) == Array(commits.prefix(2)))
      #expect(try JournalVerification(at: Array(path.utf8)).findings.isEmpty)
      do {
        let writer = try JournalWriter.open(at: Array(path.utf8))
        #expect(writer.recovery.droppedBytes == Int64(length - durable))
        #expect((writer.recovery.keptAs != nil) == (length > durable))
        #expect(writer.last.sequence == Sequence(2))
        try writer.append(ChangeSet(), rawTime: .now(), drainedSeconds: 0)
        try writer.sync()
      }
      #expect(try readAll(path) == Array(commits.prefix(2)) + [[]])
    }
  }

  @Test func whatIsWholeCountsThoughItWasNeverAcknowledged() throws {
    let place = try TemporaryDirectory()
    let (commits, _) = try writeUnsynced(at: place["j"], seed: 8)
    let writer = try JournalWriter.open(at: Array(place["j"].utf8))
    #expect(writer.recovery.droppedBytes == 0)
    #expect(writer.last.sequence == Sequence(3))
    #expect(try JournalReader.open(at: Array(place["j"].utf8)).durable() == writer.last)
    #expect(try readAll(place["j"]) == commits)
  }

  @Test func makingAJournalCanBeCutShortAnywhere() throws {
    let place = try TemporaryDirectory()
    let source = SourceIdentity(path: Array("/s".utf8), rootKey: key([1]), filesystem: [1])
    let done = place["done"]
    _ = try JournalWriter.create(at: Array(done.utf8), source: source)
    // In the order in which they come to be.
    for left in [[], ["lock"], ["lock", "segment.new"], ["lock", segment], ["lock", segment, "HEAD.new"]] {
      let path = place["j"]
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      for name in left {
        let from = name == segment ? "\(done)/\(name)" : name == "HEAD.new" ? "\(done)/HEAD" : ""
        try (from.isEmpty ? Data([1]) : Data(contentsOf: URL(fileURLWithPath: from)))
          .write(to: URL(fileURLWithPath: "\(path)/\(name)"))
      }
      #expect(throws: JournalError.self) { _ = try JournalWriter.open(at: Array(path.utf8)) }
      do {
        let writer = try JournalWriter.create(at: Array(path.utf8), source: source)
        try writer.append(ChangeSet(), rawTime: .now(), drainedSeconds: 0)
        try writer.sync()
      }
      #expect(try readAll(path) == [[]])
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test func aJournalWithoutItsHeadIsNotWrittenOver() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    _ = try writeSample(at: path, commits: 2, seed: 1)
    try FileManager.default.removeItem(atPath: "\(path)/HEAD")
    let before = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(segment)"))
    #expect(throws: JournalError.self) {
      _ = try JournalWriter.create(
        at: Array(path.utf8), source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
    }
    #expect(throws: JournalError.self) { _ = try JournalWriter.open(at: Array(path.utf8)) }
    #expect(throws: JournalError.self) { _ = try readAll(path) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(segment)")) == before)
  }

  @Test func aNewSegmentCanBeCutShort() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    var commits = try writeSample(at: path, commits: 5, seed: 2)
    try Data([1, 2]).write(to: URL(fileURLWithPath: "\(path)/segment.new"))
    do {
      let writer = try JournalWriter.open(at: Array(path.utf8))
      writer.segmentBytesMax = 1
      for _ in 0..<3 { try writer.append(ChangeSet(), rawTime: .now(), drainedSeconds: 0) }
      try writer.sync()
    }
    commits += [[], [], []]
    #expect(try readAll(path) == commits)
  }

  @Test func timeNeverGoesBackWhateverTheClockDoes() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let source = SourceIdentity(path: [], rootKey: key([1]), filesystem: [])
    func write(_ seconds: Int64, _ writer: JournalWriter) throws {
      writer.segmentBytesMax = 1
      try writer.append(
        ChangeSet(), rawTime: Timestamp(seconds: seconds, nanoseconds: 0), drainedSeconds: 0)
      try writer.sync()
    }
    do {
      let writer = try JournalWriter.create(at: path, source: source)
      try write(50, writer)
      try write(40, writer)
    }
    do { try write(30, try JournalWriter.open(at: path)) }
    let reader = try JournalReader.open(at: path)
    var commit = Commit()
    var times: [Int64] = []
    var raw: [Int64] = []
    while try reader.next(&commit) {
      times.append(commit.header.time.seconds)
      raw.append(commit.header.rawTime.seconds)
    }
    #expect(times == [50, 50, 50])
    #expect(raw == [50, 40, 30])
  }

  @Test func aFullDiskEndsTheWriterAndDamagesNothing() throws {
    if let reason = Filesystem.reasonToSkip(.tmpfs) {
      return announceSkip("a full disk", because: reason)
    }
    let filesystem = try Filesystem(.tmpfs, bytes: 256 << 10)
    let path = filesystem["j"]
    var generator = SeededGenerator(4)
    var acknowledged: [[String]] = []
    do {
      let writer = try JournalWriter.create(
        at: Array(path.utf8), source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
      var failure: JournalError? = nil
      while failure == nil {
        let changes = randomChanges(&generator, most: 400)
        do throws(JournalError) {
          try writer.append(changes, rawTime: .now(), drainedSeconds: 0)
          try writer.sync()
          acknowledged.append(describe(changes))
        } catch { failure = error }
        #expect(acknowledged.count < 10_000)
        if acknowledged.count >= 10_000 { break }
      }
      guard case .io(.noSpace, _, _) = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
      #expect(throws: JournalError.self) {
        try writer.append(ChangeSet(), rawTime: .now(), drainedSeconds: 0)
      }
      #expect(throws: JournalError.self) { try writer.sync() }
    }
    #expect(try readAll(path) == acknowledged)
    #expect(try JournalVerification(at: Array(path.utf8)).tornTail == nil)
  }

  @Test func rootRefusesAJournalThatOthersMayWrite() throws {
    guard geteuid() == 0 else { return announceSkip("an insecure journal", because: "only root minds") }
    let place = try TemporaryDirectory()
    _ = try writeSample(at: place["j"], commits: 1, seed: 1)
    for make in [["chmod", "770", place["j"]], ["chmod", "707", place["j"]]] {
      try succeed(make)
      #expect(throws: JournalError.self) { _ = try JournalReader.open(at: Array(place["j"].utf8)) }
    }
    try succeed(["chmod", "700", place["j"]])
    try succeed(["chown", "12345", place["j"]])
    #expect(throws: JournalError.self) { _ = try JournalWriter.open(at: Array(place["j"].utf8)) }
  }
}
