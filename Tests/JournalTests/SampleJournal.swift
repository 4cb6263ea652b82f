import Foundation
import Journal
import LinuxSystem
import TestSupport
import Tree

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

func randomChanges(_ generator: inout some RandomNumberGenerator, most: UInt64 = 50) -> ChangeSet {
  var changes = ChangeSet()
  for number in 0..<UInt64.random(in: 0...most, using: &generator) {
    let facts: ObjectChange.Facts = [[.created, .content], [.removed], [.attributes], []]
      .randomElement(using: &generator)!
    var change = ObjectChange(
      id: ObjectID(number * 3 + 2), facts: facts,
      attributes: Attributes(
        mode: 0o100_644, uid: UInt32.random(in: 0...70_000, using: &generator), gid: 5,
        sizeBytes: UInt64.random(in: 0...1 << 40, using: &generator),
        modified: Timestamp(
          seconds: Int64.random(in: -1 << 40...1 << 40, using: &generator),
          nanoseconds: 999_999_999)),
      changed: Timestamp(seconds: 7, nanoseconds: 3))
    if facts.contains(.created) { change.key = changes.store([1, 0, 0, 0, 5, 6, 7, 8]) }
    change.firstLink = UInt32(changes.links.count)
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
      let name = changes.store(
        (0..<Int.random(in: 1...255, using: &generator)).map { _ in 0xff })
      changes.links.append(
        LinkChange(parent: ObjectID(1), name: name, isGained: Bool.random(using: &generator)))
      change.linkCount += 1
    }
    changes.objects.append(change)
  }
  return changes
}

func describe(_ changes: ChangeSet) -> [String] {
  changes.objects.map { object in
    "\(object.id) \(object.facts) \(object.attributes) \(object.changed) "
      + "\(changes.array(object.key)) \(changes.array(object.extendedAttributes)) "
      + changes.links(of: object).map { "\($0.isGained) \($0.parent) \(changes.array($0.name))" }
      .joined()
  }
}

/// The journal of the specification's worked example.
func writeExample(at path: String) throws {
  let writer = try JournalWriter.create(
    at: Array(path.utf8),
    source: SourceIdentity(
      path: Array("/s".utf8), rootKey: key([1, 2, 3, 4, 5, 6, 7, 8]), filesystem: [0xaa, 0xbb]),
    id: JournalID([UInt8](repeating: 7, count: 16)), incarnation: 9)
  var changes = ChangeSet()
  var file = ObjectChange(
    id: .first, facts: [.created, .content],
    attributes: Attributes(
      mode: 0o100_600, uid: 1000, gid: 1000, sizeBytes: 3,
      modified: Timestamp(seconds: 1_700_000_000, nanoseconds: 5)),
    changed: Timestamp(seconds: 1_700_000_000, nanoseconds: 5), drainedSeconds: 1_699_999_999)
  file.key = changes.store(key([11, 12, 13, 14, 15, 16, 17, 18]))
  changes.links.append(LinkChange(parent: .root, name: changes.store([0x61]), isGained: true))
  file.linkCount = 1
  changes.objects.append(file)
  try writer.append(
    changes, flags: .exact, rawTime: Timestamp(seconds: 1_700_000_001, nanoseconds: 6),
    drainedSeconds: 1_700_000_000)
  try writer.sync()
}

func key(_ bytes: [UInt8]) -> ObjectKey { bytes.withUnsafeBytes { ObjectKey(type: 1, bytes: $0) } }

/// Journals in several small segments, closed: what is in them was durable.
func writeSample(at path: String, commits: Int, seed: UInt64, most: UInt64 = 6) throws -> [[String]] {
  var generator = SeededGenerator(seed)
  let writer = try JournalWriter.create(
    at: Array(path.utf8),
    source: SourceIdentity(path: Array("/s".utf8), rootKey: key([1]), filesystem: [1]))
  writer.segmentBytesMax = 1_500
  var written: [[String]] = []
  for _ in 0..<commits {
    let changes = randomChanges(&generator, most: most)
    try writer.append(changes, rawTime: .now(), drainedSeconds: 0)
    try writer.sync()
    written.append(describe(changes))
  }
  return written
}
