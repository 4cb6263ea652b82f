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
  let choices: [ObjectChange.Facts] = [
    [.created, .content], [.created, .unsettled], [.removed], [.attributes], [.extendedAttributes],
    [.attributes, .content], [.unsettled], [],
  ]
  for number in 0..<UInt64.random(in: 0...most, using: &generator) {
    let facts = choices.randomElement(using: &generator)!
    let kind = FileKind.allCases.filter { $0 != .unknown }.randomElement(using: &generator)!
    var attributes = Attributes(
      mode: UInt32(kind.rawValue) << 12 | UInt32.random(in: 0...0o7777, using: &generator),
      uid: UInt32.random(in: 0...70_000, using: &generator), gid: UInt32.max - 1,
      modified: Timestamp(
        seconds: Int64.random(in: -1 << 40...1 << 40, using: &generator),
        nanoseconds: UInt32.random(in: 0...999_999_999, using: &generator)))
    if kind == .regular || kind == .symbolicLink {
      attributes.sizeBytes = UInt64.random(in: 0...1 << 40, using: &generator)
    }
    if kind == .blockDevice || kind == .characterDevice { attributes.device = 8 << 32 | number }
    var change = ObjectChange(
      id: ObjectID(number * 3 + 2), facts: facts, attributes: attributes,
      changed: Timestamp(
        seconds: Int64.random(in: -1 << 40...1 << 40, using: &generator), nanoseconds: 3),
      drainedSeconds: Int64.random(in: -5...1 << 33, using: &generator))
    if !facts.isDisjoint(with: [.created, .content, .unsettled]) {
      change.key = changes.store([1, 0, 0, 0, 5, 6, 7, 8])
    }
    if facts.contains(.created), kind == .symbolicLink { change.target = changes.store([0x2f, 0xff]) }
    if !facts.isDisjoint(with: [.created, .extendedAttributes]), Bool.random(using: &generator) {
      change.extendedAttributes = changes.store(
        extendedAttribute("security.selinux", [1, 2]) + extendedAttribute("user.a", []))
    }
    change.firstLink = UInt32(changes.links.count)
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
      let name = changes.store(
        (0..<Int.random(in: 1...255, using: &generator)).map { _ in 0xff })
      changes.links.append(
        LinkChange(
          parent: ObjectID(UInt64.random(in: 1...1 << 56, using: &generator)), name: name,
          isGained: Bool.random(using: &generator)))
      change.linkCount += 1
    }
    changes.objects.append(change)
  }
  return changes
}

/// One extended attribute in the encoding of `ExtendedAttributeReader`.
func extendedAttribute(_ name: String, _ value: [UInt8]) -> [UInt8] {
  [UInt8(name.utf8.count)] + Array(name.utf8)
    + withUnsafeBytes(of: UInt32(value.count).littleEndian) { Array($0) } + value
}

/// In no order, as a commit's.
func describe(_ changes: ChangeSet) -> [String] {
  changes.objects.sorted { $0.id < $1.id }.map { object in
    "\(object.id) \(object.facts) \(object.attributes) \(object.changed) \(object.drainedSeconds) "
      + "\(changes.array(object.key)) \(changes.array(object.target)) "
      + "\(changes.array(object.extendedAttributes)) "
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
    try writer.append(
      changes, by: randomAttribution(&generator, changes), rawTime: .now(), drainedSeconds: 0)
    try writer.sync()
    written.append(describe(changes))
  }
  return written
}
