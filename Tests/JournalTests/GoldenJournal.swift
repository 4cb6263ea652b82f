import Journal
import LinuxSystem
import Tree

/// The journal in `Golden/version-1-kinds` and `version-1-packed-kinds`: every kind of object, fact, mark and flag.
enum GoldenJournal {
  static let id = JournalID((1...16).map { UInt8($0) })
  static let source = SourceIdentity(
    path: Array("/home/\u{e4}".utf8) + [0xff], rootKey: key([9, 9, 9, 9]), filesystem: [1, 2, 3, 4])

  static let commits: [(changes: ChangeSet, marks: [Mark], flags: CommitFlags)] = [
    (everyKind(), [], .partial),
    (ChangeSet(), [Mark(kind: .start, payload: [0x62]), Mark(kind: .scan)], .exact),
    (everyFact(), Mark.Kind.allCases.filter { $0 != .unknown }.map { Mark(kind: $0, payload: [7, 0, 0xff]) }, []),
    (ChangeSet(), [Mark(kind: .stop)], .exact),
  ]

  static func write(at path: String) throws {
    let writer = try JournalWriter.create(
      at: Array(path.utf8), source: source, id: id, incarnation: 0x1234_5678_9abc_def0)
    writer.segmentBytesMax = 900
    for (index, commit) in commits.enumerated() {
      try writer.append(
        commit.changes, marks: commit.marks, flags: commit.flags,
        rawTime: Timestamp(seconds: 1_800_000_000 - Int64(index), nanoseconds: 999_999_999),
        drainedSeconds: 1_799_999_990 + Int64(index))
      try writer.sync()
      guard index == 1 else { continue }
      let checkpoint = try writer.beginCheckpoint(at: writer.last, nextObjectID: ObjectID(1_000))
      try checkpoint.add(everyKind())
      try checkpoint.commit()
    }
  }

  /// One created object of each kind.
  private static func everyKind() -> ChangeSet {
    var changes = ChangeSet()
    for kind in FileKind.allCases where kind != .unknown {
      var attributes = Attributes(
        mode: UInt32(kind.rawValue) << 12 | 0o6755, uid: 1_000, gid: UInt32.max - 1,
        modified: Timestamp(seconds: -2_000_000_000, nanoseconds: 999_999_999))
      if kind == .regular { attributes.sizeBytes = UInt64(Int64.max) }
      if kind == .symbolicLink { attributes.sizeBytes = 4 }
      if kind == .blockDevice || kind == .characterDevice { attributes.device = 8 << 32 | 1 }
      var object = ObjectChange(
        id: ObjectID(2 + UInt64(kind.rawValue) * 7), facts: .created, attributes: attributes,
        changed: Timestamp(seconds: 1_799_999_999, nanoseconds: 1), drainedSeconds: 1_799_999_998,
        firstLink: UInt32(changes.links.count))
      object.key = changes.store(key([kind.rawValue, 2, 3, 4, 5, 6, 7, 8]))
      if kind == .regular {
        object.facts.insert(.content)
        object.extendedAttributes = changes.store(
          extendedAttribute("system.posix_acl_access", [2, 0, 0, 0])
            + extendedAttribute("user.empty", []))
      }
      if kind == .symbolicLink { object.target = changes.store(Array("../a".utf8)) }
      for name in kind == .regular ? ["file", "second name"] : ["\(kind)"] {
        changes.links.append(
          LinkChange(parent: .root, name: changes.store(Array(name.utf8)), isGained: true))
        object.linkCount += 1
      }
      changes.objects.append(object)
    }
    return changes
  }

  /// One object for each fact, links lost and gained, and the root's own attributes.
  private static func everyFact() -> ChangeSet {
    var changes = ChangeSet()
    var number: UInt64 = 1
    for facts: ObjectChange.Facts in [
      .attributes, .removed, [], .extendedAttributes, .content, .unsettled, [.created, .unsettled],
    ] {
      var object = ObjectChange(
        id: ObjectID(number), facts: facts,
        attributes: Attributes(
          mode: number == 1 ? 0o041_777 : 0o100_000, uid: 0, gid: 0,
          modified: Timestamp(seconds: Int64(number), nanoseconds: 0)),
        changed: Timestamp(seconds: 3, nanoseconds: 0), firstLink: UInt32(changes.links.count))
      if !facts.isDisjoint(with: [.created, .content, .unsettled]) {
        object.key = changes.store(key([UInt8(number & 255)]))
      }
      if facts == .removed || facts == [] {
        for isGained in facts == .removed ? [false] : [false, true] {
          let name = isGained ? [0xff, 0x0a, 0x1b] : Array("old".utf8)
          changes.links.append(
            LinkChange(
              parent: isGained ? .last : .root, name: changes.store(name), isGained: isGained))
          object.linkCount += 1
        }
      }
      changes.objects.append(object)
      number = number == 1 ? 500 : number - 3
    }
    return changes
  }
}
