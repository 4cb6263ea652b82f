import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

@Suite
struct FormatTests {
  private var sources: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  @Test func theWorkedExampleIsWhatIsWritten() throws {
    let place = try TemporaryDirectory()
    try writeExample(at: place["j"])
    let name = "00000000000000000001.tlj"
    let dump = try succeed(["od", "-A", "x", "-t", "x1z", "-v", "\(place["j"])/\(name)"])
      .standardOutput
    let content = try succeed(
      ["sh", "-c", "lz4 -dc '\(place["j"])/\(name)' | od -A x -t x1z -v"]
    ).standardOutput
    let page = try String(
      contentsOf: sources.appendingPathComponent("Sources/Journal/Documentation.docc/Format.md"),
      encoding: .utf8)
    let indented = { (text: String) in
      text.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    }
    #expect(page.contains(indented(dump)), "the segment is\n\(indented(dump))")
    #expect(page.contains(indented(content)), "its content is\n\(indented(content))")
  }

  @Test(arguments: ["version-1", "version-1-packed"])
  func theGoldenJournalIsStillRead(name: String) throws {
    let golden = sources.appendingPathComponent("Tests/JournalTests/Golden/\(name)").path
    let place = try TemporaryDirectory()
    try succeed(["cp", "-r", golden, place["j"]])
    try succeed(["chmod", "700", place["j"]])
    let reader = try JournalReader.open(at: Array(place["j"].utf8))
    #expect(reader.id == JournalID([UInt8](repeating: 7, count: 16)))
    #expect(reader.source.path == Array("/s".utf8))
    var commit = Commit()
    #expect(try reader.next(&commit))
    #expect(commit.header.flags == [.exact, .incarnation])
    #expect(commit.header.time == Timestamp(seconds: 1_700_000_001, nanoseconds: 6))
    let file = try #require(commit.changes.objects.first)
    #expect(file.id == .first)
    #expect(file.facts == [.created, .content])
    #expect(file.attributes.mode == 0o100_600)
    #expect(file.attributes.sizeBytes == 3)
    #expect(commit.changes.key(file.key) == key([11, 12, 13, 14, 15, 16, 17, 18]))
    #expect(commit.changes.link(commit.changes.links[0]) == Link(.root, Name("a")))
    #expect(try !reader.next(&commit))
  }

  @Test(arguments: ["version-1-kinds", "version-1-packed-kinds"])
  func theGoldenJournalOfEveryKindIsStillRead(name: String) throws {
    let golden = sources.appendingPathComponent("Tests/JournalTests/Golden/\(name)").path
    let place = try TemporaryDirectory()
    try succeed(["cp", "-r", golden, place["j"]])
    try succeed(["chmod", "700", place["j"]])
    let path = Array(place["j"].utf8)
    let reader = try JournalReader.open(at: path)
    #expect(reader.id == GoldenJournal.id)
    #expect(reader.source == GoldenJournal.source)
    var commit = Commit()
    for (index, expected) in GoldenJournal.commits.enumerated() {
      #expect(try reader.next(&commit))
      #expect(commit.header.flags == (index == 0 ? expected.flags.union(.incarnation) : expected.flags))
      #expect(commit.header.time == Timestamp(seconds: 1_800_000_000, nanoseconds: 999_999_999))
      #expect(commit.header.rawTime.seconds == 1_800_000_000 - Int64(index))
      #expect(commit.header.drainedSeconds == 1_799_999_990 + Int64(index))
      #expect(commit.header.incarnation == 0x1234_5678_9abc_def0)
      #expect(commit.marks == expected.marks)
      #expect(describe(commit.changes) == describe(expected.changes))
    }
    #expect(try !reader.next(&commit))
    #expect(try reader.durable() == reader.position)
    let checkpoint = try #require(try reader.checkpoint())
    #expect(checkpoint.cursor.sequence == Sequence(2))
    #expect(checkpoint.nextObjectID == ObjectID(1_000))
    var part = ChangeSet()
    #expect(try checkpoint.next(&part))
    #expect(describe(part) == describe(GoldenJournal.commits[0].changes))
    #expect(try !checkpoint.next(&part))
    #expect(try JournalVerification(at: path).findings.isEmpty)
    #expect(try reader.segmentSizes().count >= 2)
    #expect(try reader.checkpointSizes().map(\.number) == [Sequence(2)])
  }

  @Test func theGoldenJournalWithProcessesIsStillRead() throws {
    let place = try TemporaryDirectory()
    for name in ["version-1-who", "version-1-packed-who"] {
      let golden = sources.appendingPathComponent("Tests/JournalTests/Golden/\(name)").path
      try succeed(["cp", "-r", golden, place[name]])
      try succeed(["chmod", "700", place[name]])
    }
    try GoldenProcesses.write(at: place["new"])
    for name in ["version-1-who", "version-1-packed-who", "new"] {
      let reader = try JournalReader.open(at: Array(place[name].utf8))
      var commit = Commit()
      #expect(try reader.next(&commit))
      #expect(describe(commit.changes) == describe(GoldenProcesses.changes))
      #expect(describe(commit.attribution, commit.changes) == GoldenProcesses.described)
      #expect(try reader.next(&commit))
      #expect(commit.attribution.isEmpty)
      #expect(try !reader.next(&commit))
    }
    try succeed([
      "cmp", "\(place["version-1-packed-who"])/00000000000000000001.tlj", "\(place["new"])/00000000000000000001.tlj",
    ])
  }

  @Test func theGoldenJournalOfWhatCameAndWentIsStillRead() throws {
    let place = try TemporaryDirectory()
    try succeed([
      "cp", "-r", sources.appendingPathComponent("Tests/JournalTests/Golden/version-1-transients").path, place["j"],
    ])
    try succeed(["chmod", "700", place["j"]])
    try GoldenTransients.write(at: place["new"])
    for name in ["j", "new"] {
      let reader = try JournalReader.open(at: Array(place[name].utf8))
      var commit = Commit()
      for changes in [ChangeSet(), GoldenProcesses.changes] {
        #expect(try reader.next(&commit))
        #expect(describe(commit.changes) == describe(changes))
        #expect(describe(commit.attribution, changes) == describe(GoldenTransients.attribution, changes))
      }
      #expect(try !reader.next(&commit))
    }
    try succeed(["cmp", "\(place["j"])/00000000000000000001.tlj", "\(place["new"])/00000000000000000001.tlj"])
  }

  @Test func theGoldenJournalOfAllLocatorsIsStillRead() throws {
    let place = try TemporaryDirectory()
    try succeed([
      "cp", "-r", sources.appendingPathComponent("Tests/JournalTests/Golden/version-1-locators").path, place["j"],
    ])
    try succeed(["chmod", "700", place["j"]])
    try GoldenLocators.write(at: place["new"])
    for name in ["j", "new"] {
      let reader = try JournalReader.open(at: Array(place[name].utf8))
      var commit = Commit()
      for changes in GoldenLocators.changes {
        #expect(try reader.next(&commit))
        // Not within the expectation, which would print both.
        let isSame = describe(commit.changes) == describe(changes)
        #expect(isSame)
      }
      #expect(commit.changes.links.count == GoldenLocators.names)
      #expect(try !reader.next(&commit))
    }
    try succeed(["cmp", "\(place["j"])/00000000000000000001.tlj", "\(place["new"])/00000000000000000001.tlj"])
  }

  @Test func segmentsAreStandardLZ4() throws {
    let place = try TemporaryDirectory()
    _ = try writeSample(at: place["j"], commits: 20, seed: 1)
    for name in try FileManager.default.contentsOfDirectory(atPath: place["j"])
    where name.hasSuffix(".tlj") {
      try succeed(["lz4", "-t", "\(place["j"])/\(name)"])
    }
  }

  @Test(arguments: [
    ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
    ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
  ] as [(String, UInt64)])
  func theChecksumIsTheOneThatIsPublished(text: String, value: UInt64) {
    let hash = Array(text.utf8).withUnsafeBytes { checksum64($0) }
    #expect(hash == value)
  }

  @Test func aSecondWriterIsToldWhoWrites() throws {
    let place = try TemporaryDirectory()
    _ = try writeSample(at: place["j"], commits: 1, seed: 1)
    let first = try JournalWriter.open(at: Array(place["j"].utf8))
    do {
      _ = try JournalWriter.open(at: Array(place["j"].utf8))
      Issue.record("two writers have one journal")
    } catch JournalError.locked(let pid) {
      #expect(pid == ProcessInfo.processInfo.processIdentifier)
    }
    _ = first.last
  }

  @Test func aJournalThatWasRestoredAndWrittenOnHasAnotherChain() throws {
    let place = try TemporaryDirectory()
    _ = try writeSample(at: place["j"], commits: 2, seed: 1)
    try succeed(["cp", "-a", place["j"], place["copy"]])
    var cursors: [Cursor] = []
    for name in ["j", "copy"] {
      let writer = try JournalWriter.open(at: Array(place[name].utf8))
      cursors.append(
        try writer.append(ChangeSet(), rawTime: .zero, drainedSeconds: 0))
      try writer.sync()
    }
    #expect(cursors[0].sequence == cursors[1].sequence)
    #expect(cursors[0].chain != cursors[1].chain)
    let reader = try JournalReader.open(at: Array(place["j"].utf8))
    #expect(try reader.seek(after: cursors[0]))
    #expect(try !reader.seek(after: cursors[1]))
  }

  @Test func aCheckpointGivesBackTheTree() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
    var generator = SeededGenerator(5)
    let parts = (0..<3).map { _ in randomChanges(&generator) }.filter { !$0.isEmpty }
    let checkpoint = try writer.beginCheckpoint(at: writer.last, nextObjectID: ObjectID(999))
    for part in parts { try checkpoint.add(part) }
    try checkpoint.commit()
    let reader = try #require(try JournalReader.open(at: path).checkpoint(atOrBefore: nil))
    #expect(reader.nextObjectID == ObjectID(999))
    var part = ChangeSet()
    for expected in parts {
      #expect(try reader.next(&part))
      #expect(describe(part) == describe(expected))
      // A directory stands before what is in it.
      #expect(part.objects.map(\.id) == expected.objects.map(\.id))
    }
    #expect(try !reader.next(&part))
  }
}
