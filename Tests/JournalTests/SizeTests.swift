import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// Large commits, and what it costs to write and to read them.
@Suite
struct SizeTests {
  /// Files as a scan finds them.
  private func files(_ count: UInt64) -> ChangeSet {
    var changes = ChangeSet()
    for number in 0..<count {
      let time = Timestamp(seconds: 1_700_000_000 + Int64(number / 100), nanoseconds: UInt32(number * 997 % 1_000_000_000))
      var file = ObjectChange(
        id: ObjectID(number + 2), facts: [.created, .content],
        attributes: Attributes(
          mode: 0o100_644, uid: 1000, gid: 1000, sizeBytes: number * 31 % 100_000, modified: time),
        changed: time, drainedSeconds: 1_700_000_000, firstLink: UInt32(number), linkCount: 1)
      file.key = changes.store(key([1, 2, 3, UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255), 7, 7]))
      changes.links.append(
        LinkChange(
          parent: ObjectID(number / 100 + 1), name: changes.store(Array("file-\(number).txt".utf8)),
          isGained: true))
      changes.objects.append(file)
    }
    return changes
  }

  @Test func aCommitOfManyFramesIsReadAsOne() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let changes = files(60_000)
    do {
      let writer = try JournalWriter.create(
        at: path, source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
      try writer.append(changes, rawTime: .now(), drainedSeconds: 0)
      try writer.append(ChangeSet(), rawTime: .now(), drainedSeconds: 0)
      try writer.sync()
    }
    try succeed(["lz4", "-t", "\(place["j"])/00000000000000000001.tlj"])
    let reader = try JournalReader.open(at: path)
    var commit = Commit()
    #expect(try reader.next(&commit))
    // Not within the expectation, which would print both.
    let isSame = isEqual(commit.changes, changes)
    #expect(isSame)
    #expect(try reader.next(&commit))
    #expect(commit.changes.isEmpty)
    #expect(try !reader.next(&commit))
  }

  @Test func anObjectMayHaveMoreNamesThanAFrameHolds() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    var changes = files(3)
    changes.objects[1].firstLink = UInt32(changes.links.count)
    changes.objects[1].linkCount = 15_000
    for number in 0..<15_000 {
      let name = Array(String(number).utf8) + [UInt8](repeating: 0x6e, count: 240)
      changes.links.append(
        LinkChange(parent: .root, name: changes.store(name), isGained: number % 2 == 0))
    }
    changes.objects[1].extendedAttributes = changes.store(
      extendedAttribute("user.a", [UInt8](repeating: 7, count: 65_536)))
    do {
      let writer = try JournalWriter.create(
        at: path, source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
      try writer.append(
        changes, marks: [Mark(kind: .rescan)], flags: .exact, rawTime: .now(), drainedSeconds: 0)
      try writer.sync()
      let checkpoint = try writer.beginCheckpoint(at: writer.last, nextObjectID: ObjectID(99))
      try checkpoint.add(changes)
      try checkpoint.commit()
    }
    try succeed(["lz4", "-t", "\(place["j"])/00000000000000000001.tlj"])
    let reader = try JournalReader.open(at: path)
    var commit = Commit()
    #expect(try reader.next(&commit))
    #expect(commit.marks == [Mark(kind: .rescan)])
    // Not within the expectation, which would print both.
    let isSame = isEqual(commit.changes, changes)
    #expect(isSame)
    let checkpoint = try #require(try reader.checkpoint(atOrBefore: nil))
    var read = ChangeSet()
    var links: [ObjectID: [Link]] = [:]
    while try checkpoint.next(&read) {
      for object in read.objects {
        links[object.id, default: []] += read.links(of: object).map { read.link($0) }
      }
    }
    for object in changes.objects {
      let areSame = links[object.id] == changes.links(of: object).map { changes.link($0) }
      #expect(areSame)
    }
  }

  /// Without a text of either: these are large.
  private func isEqual(_ a: ChangeSet, _ b: ChangeSet) -> Bool {
    guard a.objects.count == b.objects.count else { return false }
    return zip(a.objects, b.objects).allSatisfy { x, y in
      x.id == y.id && x.facts == y.facts && x.attributes == y.attributes && x.changed == y.changed
        && a.array(x.key) == b.array(y.key)
        && a.array(x.extendedAttributes) == b.array(y.extendedAttributes)
        && x.linkCount == y.linkCount
        && zip(a.links(of: x), b.links(of: y)).allSatisfy {
          $0.isGained == $1.isGained && a.link($0) == b.link($1)
        }
    }
  }

  @Test func writingAndReadingAreFast() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let count: UInt64 = 500_000
    let changes = files(count)
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
    try writer.append(ChangeSet(), rawTime: .now(), drainedSeconds: 0)
    let clock = ContinuousClock()
    let writing = try clock.measure {
      try writer.append(changes, rawTime: .now(), drainedSeconds: 0)
    }
    try writer.sync()
    let reader = try JournalReader.open(at: path)
    var commit = Commit()
    #expect(try reader.next(&commit))
    var isRead = false
    let reading = try clock.measure { isRead = try reader.next(&commit) }
    #expect(isRead)
    #expect(commit.changes.objects.count == Int(count))
    func rate(_ duration: Duration) -> String {
      let seconds = Double(duration.components.attoseconds) / 1e18 + Double(duration.components.seconds)
      return String(format: "%.2f million a second", Double(count) / seconds / 1e6)
    }
    print("objects written: \(rate(writing)); read: \(rate(reading))")
  }
}
