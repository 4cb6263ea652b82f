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

  /// Numbers are as long as they need to be: of each length, the smallest and the largest.
  @Test func numbersOfEveryLengthAreReadAgain() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    var changes = ChangeSet()
    for bits in 0..<63 {
      for number in [UInt64(1) << bits - 1, 1 << bits] {
        let time = Timestamp(seconds: Int64(number), nanoseconds: UInt32(number % 1_000_000_000))
        let name = changes.store([UInt8](repeating: 0x61, count: bits % 40 + 1))
        changes.links.append(
          LinkChange(
            parent: ObjectID(min(number | 1, ObjectID.last.rawValue)), name: name, isGained: bits % 2 == 0))
        changes.objects.append(
          ObjectChange(
            id: ObjectID(UInt64(changes.objects.count + 2)), facts: .attributes,
            attributes: Attributes(
              mode: 0o100_600, uid: UInt32(number >> 31 == 0 ? number : 7), gid: UInt32(bits), sizeBytes: number,
              modified: time),
            changed: Timestamp(seconds: -Int64(number), nanoseconds: UInt32(bits)),
            drainedSeconds: bits % 2 == 0 ? Int64(number) : -Int64(number),
            firstLink: UInt32(changes.links.count - 1), linkCount: 1))
      }
    }
    // Also where the links do not stand in the order of the objects.
    for _ in 0..<2 {
      let writer = try JournalWriter.create(
        at: path, source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
      try writer.append(changes, rawTime: .now(), drainedSeconds: 0)
      try writer.sync()
      var commit = Commit()
      #expect(try JournalReader.open(at: path).next(&commit))
      #expect(describe(commit.changes) == describe(changes))
      try FileManager.default.removeItem(atPath: place["j"])
      changes.objects.reverse()
    }
  }
}
