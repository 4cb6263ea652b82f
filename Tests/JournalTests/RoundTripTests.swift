import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

@Suite
struct RoundTripTests {
  @Test func whatIsWrittenIsRead() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let key = withUnsafeBytes(of: UInt64(77)) { ObjectKey(type: 1, bytes: $0) }
    let source = SourceIdentity(path: Array("/s".utf8), rootKey: key, filesystem: [1, 2, 3])
    let writer = try JournalWriter.create(at: path, source: source)
    writer.segmentBytesMax = 4_096
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    var generator = SeededGenerator(seed)
    var sets: [ChangeSet] = []
    var acts: [[String]] = []
    for _ in 0..<40 {
      let changes = randomChanges(&generator)
      sets.append(changes)
      let attribution = randomAttribution(&generator, changes)
      acts.append(describe(attribution, changes))
      try writer.append(
        changes, by: attribution, marks: [Mark(kind: .start, payload: [9])], flags: .exact, rawTime: .now(),
        drainedSeconds: 5)
      try writer.sync()
    }
    let reader = try JournalReader.open(at: path)
    #expect(reader.source == source)
    var commit = Commit()
    for (index, changes) in sets.enumerated() {
      #expect(try reader.next(&commit))
      #expect(commit.cursor.sequence == Sequence(UInt64(index + 1)))
      #expect(describe(commit.changes) == describe(changes))
      #expect(describe(commit.attribution, commit.changes) == acts[index])
    }
    #expect(try !reader.next(&commit))
    #expect(try reader.seek(after: Sequence(20)))
    #expect(try reader.next(&commit))
    #expect(describe(commit.changes) == describe(sets[20]))
  }
}
