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
    var generator = SystemRandomNumberGenerator()
    var sets: [ChangeSet] = []
    for _ in 0..<40 {
      let changes = randomChanges(&generator)
      sets.append(changes)
      try writer.append(
        changes, marks: [Mark(kind: .start, payload: [9])], flags: .exact, rawTime: .now(),
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
    }
    #expect(try !reader.next(&commit))
    #expect(try reader.seek(after: Sequence(20)))
    #expect(try reader.next(&commit))
    #expect(describe(commit.changes) == describe(sets[20]))
  }

  private func randomChanges(_ generator: inout some RandomNumberGenerator) -> ChangeSet {
    var changes = ChangeSet()
    for number in 0..<UInt64.random(in: 0...50, using: &generator) {
      let facts: ObjectChange.Facts = [[.created, .content], [.removed], [.attributes], []]
        .randomElement(using: &generator)!
      var change = ObjectChange(
        id: ObjectID(number * 3 + 2), facts: facts,
        attributes: Attributes(
          mode: 0o100_644, uid: UInt32.random(in: 0...70_000, using: &generator), gid: 5,
          sizeBytes: UInt64.random(in: 0...1 << 40, using: &generator),
          modified: Timestamp(
            seconds: Int64.random(in: -1 << 40...1 << 40, using: &generator), nanoseconds: 999_999_999)),
        changed: Timestamp(seconds: 7, nanoseconds: 3))
      if facts.contains(.created) { change.key = changes.store([1, 0, 0, 0, 5, 6, 7, 8]) }
      change.firstLink = UInt32(changes.links.count)
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let name = changes.store((0..<Int.random(in: 1...255, using: &generator)).map { _ in 0xff })
        changes.links.append(
          LinkChange(parent: ObjectID(1), name: name, isGained: Bool.random(using: &generator)))
        change.linkCount += 1
      }
      changes.objects.append(change)
    }
    return changes
  }

  private func describe(_ changes: ChangeSet) -> [String] {
    changes.objects.map { object in
      "\(object.id) \(object.facts) \(object.attributes) \(object.changed) "
        + "\(changes.array(object.key)) \(changes.array(object.extendedAttributes)) "
        + changes.links(of: object).map { "\($0.isGained) \($0.parent) \(changes.array($0.name))" }
        .joined()
    }
  }
}
