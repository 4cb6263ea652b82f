import Journal
import LinuxSystem
import Tree

/// The journal in `Golden/version-1-compacted` and `version-1-packed-compacted`: commits that stand for several, with who changed what, before
/// a segment that is written to.
enum GoldenCompacted {
  /// What each commit stands for.
  static let ranges: [ClosedRange<UInt64>] = [1...1, 2...2, 3...5, 6...6]

  static func write(at path: String) throws {
    let writer = try JournalWriter.create(
      at: Array(path.utf8), source: GoldenJournal.source, id: GoldenJournal.id, incarnation: 0x1234_5678)
    func append(
      _ changes: ChangeSet, by attribution: Attribution = Attribution(), marks: [Mark] = [], flags: CommitFlags = .exact
    ) throws {
      let number = Int64(writer.last.sequence.rawValue)
      try writer.append(
        changes, by: attribution, marks: marks, flags: flags,
        rawTime: Timestamp(seconds: 1_800_000_000 + number, nanoseconds: 5), drainedSeconds: 1_799_999_990)
    }
    try append(GoldenJournal.commits[0].changes, flags: .partial)
    try append(ChangeSet(), marks: [Mark(kind: .start, payload: [0x62]), Mark(kind: .scan)])
    for name in ["one", "two", "three"] { try append(renamed(to: name), by: renaming(name)) }
    try writer.seal()
    try append(ChangeSet(), marks: [Mark(kind: .stop)])
    try writer.sync()
    _ = try JournalCompaction.run(at: Array(path.utf8), .init(), now: .zero)
  }

  /// The first file gets one name after the other; a second file comes with `two` and goes with `three`.
  private static func renamed(to name: String) -> ChangeSet {
    var changes = ChangeSet()
    let before = ["one": "file", "two": "one", "three": "two"][name]!
    for (id, isOther) in [(UInt64(58), false), (900, true)] where !isOther || name != "one" {
      var object = ObjectChange(
        id: ObjectID(id), facts: isOther ? (name == "two" ? .created : .removed) : .attributes,
        attributes: Attributes(mode: 0o100_600, uid: 0, gid: 0, modified: .zero), changed: .zero,
        firstLink: UInt32(changes.links.count), linkCount: isOther ? 1 : 2)
      if object.facts.contains(.created) { object.key = changes.store(key([1, 2, 3])) }
      for (link, isGained) in isOther ? [("other", name == "two")] : [(before, false), (name, true)] {
        changes.links.append(
          LinkChange(parent: .root, name: changes.store(Array(link.utf8)), isGained: isGained))
      }
      changes.objects.append(object)
    }
    return changes
  }

  private static func renaming(_ name: String) -> Attribution {
    var attribution = Attribution()
    var process = ProcessRecord(pid: 7, standing: .exited)
    process.executable = Array("/usr/bin/\(name)".utf8)
    let place = attribution.add(process)
    attribution.set([Attribution.Act(process: place, deeds: .rename)], of: ObjectID(58))
    return attribution
  }
}
