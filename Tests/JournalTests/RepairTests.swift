import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// What is safe is repaired and said; everything else is only said.
@Suite
struct RepairTests {
  private func commits(_ path: String) throws -> [[String]] {
    let reader = try JournalReader.open(at: Array(path.utf8))
    var commits: [[String]] = []
    var commit = Commit()
    while try reader.next(&commit) { commits.append(describe(commit.changes)) }
    return commits
  }

  private func repair(_ path: String) throws -> JournalRepair { try JournalRepair(at: Array(path.utf8)) }

  @Test func aWholeJournalIsLeftAsItIs() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    _ = try writeSample(at: path, commits: 9, seed: 1)
    let before = try succeed(["sh", "-c", "cd '\(path)'; sha256sum *.tlj"]).standardOutput
    let repaired = try repair(path)
    #expect(repaired.done.isEmpty && repaired.remaining.isEmpty)
    #expect(try succeed(["sh", "-c", "cd '\(path)'; sha256sum *.tlj"]).standardOutput == before)
  }

  @Test func aLostHeadIsMadeAnew() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let written = try writeSample(at: path, commits: 9, seed: 2)
    for damage in ["rm HEAD", "printf x > HEAD", ": > HEAD"] {
      try succeed(["sh", "-c", "cd '\(path)'; \(damage)"])
      let repaired = try repair(path)
      #expect(repaired.done.contains { $0.contains("commit 9") } && repaired.remaining.isEmpty, "\(repaired)")
      #expect(try commits(path) == written)
      #expect(try JournalVerification(at: Array(path.utf8)).findings.isEmpty)
    }
  }

  @Test func damageInTheMiddleIsNotGuessedAt() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    _ = try writeSample(at: path, commits: 12, seed: 3)
    let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".tlj") }.sorted()
    let file = URL(fileURLWithPath: "\(path)/\(names[1])")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    for damage in [":", "rm HEAD"] {
      try succeed(["sh", "-c", "cd '\(path)'; \(damage)"])
      let repaired = try repair(path)
      #expect(!repaired.remaining.isEmpty && repaired.remaining.contains { $0.file == names[1] })
      #expect(try Data(contentsOf: file) == bytes)
    }
    #expect(!FileManager.default.fileExists(atPath: "\(path)/HEAD"))
  }

  @Test func whatCannotBeReadAndIsNotNeededIsKeptAside() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let written = try writeSample(at: path, commits: 5, seed: 4)
    do {
      let writer = try JournalWriter.open(at: Array(path.utf8))
      try writer.beginCheckpoint(at: writer.last, nextObjectID: .first).commit()
    }
    try succeed([
      "sh", "-c",
      "cd '\(path)'; printf x > 00000000000000000005.checkpoint; printf x > c.cursor; touch segment.new d.cursor.new; printf torn >> $(ls *.tlj | tail -1)",
    ])
    let repaired = try repair(path)
    #expect(repaired.remaining.isEmpty, "\(repaired)")
    for word in ["checkpoint", "c.cursor", "segment.new", "d.cursor.new", "4 bytes"] {
      #expect(repaired.done.contains { $0.contains(word) }, "\(word) in \(repaired.done)")
    }
    #expect(try commits(path) == written)
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    #expect(names.count { $0.hasPrefix("damaged-") } == 2 && names.count { $0.hasPrefix("torn-") } == 1, "\(names)")
    #expect(try repair(path).done.isEmpty)
  }

  @Test func theTreeThatAJournalBeginsWithIsNeverSetAside() throws {
    let growing = try GrowingJournal(Retention(bytes: 100_000), seed: 5)
    while try JournalReader.open(at: growing.path).oldest.sequence == .zero {
      try growing.commit()
      _ = try growing.maintain()
    }
    growing.close()
    try succeed(["sh", "-c", "cd '\(growing.place["j"])'; for c in *.checkpoint; do printf x > $c; done"])
    let repaired = try repair(growing.place["j"])
    #expect(repaired.done.isEmpty && !repaired.remaining.isEmpty)
  }

  @Test func aJournalThatIsWrittenIsNotRepaired() throws {
    let growing = try GrowingJournal(Retention(), seed: 6)
    try growing.commit()
    #expect {
      _ = try JournalRepair(at: growing.path)
    } throws: { error in
      if case JournalError.locked = error { true } else { false }
    }
  }
}
