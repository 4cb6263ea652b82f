import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// A journal whose checksums are right says what no tree can be: it is refused, whatever it is.
@Suite
struct HostileTests {
  private func isRefused(_ changes: ChangeSet) throws -> Bool {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
    try writer.append(changes, rawTime: .now(), drainedSeconds: 0)
    try writer.sync()
    var commit = Commit()
    do {
      _ = try JournalReader.open(at: path).next(&commit)
      return false
    } catch JournalError.damaged {
      return true
    }
  }

  /// One file, made wrong by `change`.
  private func file(_ change: (inout ChangeSet) -> Void) -> ChangeSet {
    var changes = ChangeSet()
    var file = ObjectChange(
      id: .first, facts: [.created, .content],
      attributes: Attributes(mode: 0o100_600, uid: 0, gid: 0, modified: .zero), changed: .zero)
    file.key = changes.store(key([1, 2, 3, 4]))
    file.linkCount = 1
    changes.links.append(LinkChange(parent: .root, name: changes.store([0x61]), isGained: true))
    changes.objects.append(file)
    change(&changes)
    return changes
  }

  @Test func aSoundFileIsNotRefused() throws {
    #expect(try !isRefused(file { _ in }))
  }

  @Test(arguments: ["", ".", "..", "/", "a/b", "/etc/x", "a\0", String(repeating: "n", count: 256)])
  func illegalNamesAreRefused(name: String) throws {
    #expect(try isRefused(file { $0.links[0].name = $0.store(Array(name.utf8)) }))
  }

  @Test func impossibleAttributesAreRefused() throws {
    #expect(try isRefused(file { $0.objects[0].attributes.uid = .max }))
    #expect(try isRefused(file { $0.objects[0].attributes.gid = .max }))
    #expect(try isRefused(file { $0.objects[0].attributes.mode = 0o600 }))
    #expect(try isRefused(file { $0.objects[0].attributes.mode = 0x1_81a4 }))
    #expect(try isRefused(file { $0.objects[0].attributes.sizeBytes = 1 << 63 }))
    #expect(try isRefused(file { $0.objects[0].attributes.modified.nanoseconds = 1_000_000_000 }))
    #expect(try isRefused(file { $0.objects[0].changed.nanoseconds = .max }))
  }

  @Test func impossibleObjectsAreRefused() throws {
    #expect(try isRefused(file { $0.objects[0].id = .none }))
    #expect(try isRefused(file { $0.objects[0].id = ObjectID(ObjectID.last.rawValue + 1) }))
    #expect(try isRefused(file { $0.objects[0].id = .park }))
    #expect(try isRefused(file { $0.links[0].parent = .none }))
    #expect(try isRefused(file { $0.links[0].parent = .park }))
    #expect(try isRefused(file { $0.objects[0].facts = [.created, .removed] }))
    #expect(try isRefused(file { $0.objects[0].facts = ObjectChange.Facts(rawValue: 1 << 12) }))
    #expect(try isRefused(file { $0.objects[0].facts = ObjectChange.Facts(rawValue: 256) }))
    #expect(try isRefused(file { $0.objects[0].key = $0.store([1, 2, 3]) }))
    #expect(try isRefused(file { $0.objects[0].key = $0.store([UInt8](repeating: 0, count: 133)) }))
    #expect(try isRefused(file { $0.objects.append($0.objects[0]) }))
  }

  @Test func theRootStays() throws {
    func root(_ facts: ObjectChange.Facts, links: UInt32, mode: UInt32 = 0o040_700) -> ChangeSet {
      file { changes in
        changes.objects[0].id = .root
        changes.objects[0].facts = facts
        changes.objects[0].attributes.mode = mode
        changes.objects[0].linkCount = links
        if links == 0 { changes.links = [] }
      }
    }
    #expect(try !isRefused(root(.attributes, links: 0)))
    #expect(try isRefused(root(.created, links: 0)))
    #expect(try isRefused(root(.removed, links: 0)))
    #expect(try isRefused(root(.attributes, links: 1)))
    #expect(try isRefused(root(.attributes, links: 0, mode: 0o100_600)))
  }

  @Test(arguments: [
    [1], extendedAttribute("nodot", []), extendedAttribute(".a", []), extendedAttribute("user.", []),
    extendedAttribute("user.b", []) + extendedAttribute("user.a", []),
    extendedAttribute("user.a", []) + extendedAttribute("user.a", []),
    extendedAttribute("user.a", [UInt8](repeating: 0, count: 65_537)),
    extendedAttribute("user.a", [1, 2, 3]).dropLast(),
    [6, 0x75, 0x73, 0x65, 0x72, 0x2e, 0x61, 0xff, 0xff, 0xff, 0xff],
  ] as [[UInt8]])
  func malformedExtendedAttributesAreRefused(bytes: [UInt8]) throws {
    #expect(try isRefused(file { $0.objects[0].extendedAttributes = $0.store(bytes) }))
  }

  @Test func impossibleLinkTargetsAreRefused() throws {
    for target in [[], [0x61, 0], [UInt8](repeating: 0x61, count: 4_096)] {
      #expect(
        try isRefused(
          file { changes in
            changes.objects[0].facts = .created
            changes.objects[0].attributes.mode = 0o120_777
            changes.objects[0].target = changes.store(target)
          }))
    }
  }

  /// Contents changed at random: refused, or well formed; never a crash.
  @Test func forgedContentsAreRefusedOrWellFormed() throws {
    let place = try TemporaryDirectory()
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    var generator = SeededGenerator(seed)
    let writer = try JournalWriter.create(
      at: Array(place["j"].utf8), source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
    try writer.append(
      randomChanges(&generator, most: 12), marks: [Mark(kind: .start, payload: [1, 2, 3])],
      rawTime: .now(), drainedSeconds: 0)
    try writer.sync()
    let plain = place["plain"]
    try succeed(["sh", "-c", "lz4 -dc '\(place["j"])/00000000000000000001.tlj' > '\(plain)'"])
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: plain)))
    let edges: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
    var accepted = 0
    for at in whole.indices {
      for edge in edges {
        var forged = whole
        forged[at] = edge
        if try check(forged) { accepted += 1 }
        // A length, or a number of 10 bytes and more.
        for index in at..<min(at + 11, forged.count) { forged[index] = edge }
        if try check(forged) { accepted += 1 }
      }
      #expect(try !check(Array(whole.prefix(at))) || at >= 64)
    }
    for _ in 0..<20_000 {
      var forged = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        forged[Int.random(in: 64..<forged.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if try check(forged) { accepted += 1 }
    }
    print("\(accepted) forged contents were well formed")
  }

  /// Whether a content is accepted; what is accepted must be within all bounds.
  private func check(_ content: [UInt8]) throws -> Bool {
    guard let commit = content.withUnsafeBytes({ Journal.changes(inFrame: $0) }) else { return false }
    let changes = commit.changes
    var next = 0
    for object in changes.objects {
      try #require(object.id >= .root && object.id <= .last)
      try #require(Int(object.firstLink) == next)
      next += Int(object.linkCount)
      for slice in [object.key, object.target, object.extendedAttributes] {
        try #require(Int(slice.offset) + Int(slice.count) <= changes.bytes.count)
      }
      for link in changes.links(of: object) {
        try #require(changes.withBytes(link.name) { Name.isLegal($0) })
        try #require(link.parent >= .root && link.parent <= .last)
      }
      try #require(object.attributes.modified.nanoseconds < 1_000_000_000)
      try #require(object.changed.nanoseconds < 1_000_000_000)
    }
    try #require(next == changes.links.count)
    return true
  }
}
