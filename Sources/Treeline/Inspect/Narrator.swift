import Journal
import LinuxSystem
import Tree

/// Tells commits as lines, with paths in place of ids. It must be given every commit from a
/// checkpoint, or from the first, on.
struct Narrator {
  private(set) var table: PathTable
  /// Of which objects it tells; nil tells of all.
  private let only: Set<ObjectID>?
  private let withMarks: Bool
  private let passed: PassedChoice

  init(only: Set<ObjectID>? = nil, withMarks: Bool = true, passed: PassedChoice? = nil) {
    self.only = only
    self.withMarks = withMarks
    self.passed = passed ?? (withMarks ? .everything : .nothing)
    table = PathTable(only: only)
  }

  /// What must be known of an object before its change is taken in.
  private struct Before {
    var lost: [[UInt8]] = []
    var changed: [AttributeKind] = []
  }

  /// Takes a commit in without telling it.
  mutating func pass(_ changes: ChangeSet) { table.apply(changes) }

  /// Takes a commit in, and gives its lines: first the marks, then one for each thing that was done
  /// to an object.
  mutating func tell<Failure: Error>(
    _ commit: Commit, _ body: (JournalLine) throws(Failure) -> Void
  ) throws(Failure) {
    let changes = commit.changes
    // A commit has no order: told is first what was found first.
    let objects =
      (only.map { only in changes.objects.filter { only.contains($0.id) } } ?? changes.objects)
      .sorted { $0.id < $1.id }
    let before = objects.map { object in
      Before(
        lost: changes.links(of: object).filter { !$0.isGained }.map { table.path(changes.link($0)) },
        changed: table.difference(object))
    }
    let transients = transients(of: commit)
    table.apply(changes)
    var line = JournalLine(
      sequence: commit.cursor.sequence, time: commit.header.time, operation: .other)
    line.commitCount = commit.commitCount
    for mark in commit.marks where withMarks {
      line.operation = Operation(mark.kind)
      line.text = mark.kind.isTold ? mark.payload : []
      try body(line)
    }
    line.text = []
    for (object, before) in zip(objects, before) {
      let gained = changes.links(of: object).filter(\.isGained).map { table.path(changes.link($0)) }
      for told in Self.operations(object, before, gained, { table.path(of: object.id) }) {
        line.operation = told.operation
        line.object = JournalLine.Object(
          id: object.id, kind: object.attributes.kind, path: told.path, from: told.from,
          sizeBytes: object.attributes.kind == .regular ? object.attributes.sizeBytes : nil,
          target: told.operation == .create && object.attributes.kind == .symbolicLink
            ? changes.array(object.target) : nil,
          changed: told.operation == .attributes ? told.changed : [],
          actors: Actor.of(told.operation, object.id, commit.attribution))
        try body(line)
      }
    }
    for (transient, path) in transients {
      // What came and went is no object of the tree, and has no number.
      line.operation = .transient
      line.object = JournalLine.Object(
        id: .none, kind: transient.isDirectory ? .directory : .unknown,
        path: path ?? table.path(Link(transient.parent, transient.name)),
        actors: commit.attribution[transient].map {
          Actor(process: commit.attribution.processes[$0.process], deeds: $0.deeds)
        })
      try body(line)
    }
  }

  /// What came and went and is told of; with its path, where the changes are not needed for it.
  private func transients(of commit: Commit) -> [(Attribution.Transient, path: [UInt8]?)] {
    let all = commit.attribution.transients
    if all.isEmpty { return [] }
    switch passed {
    case .nothing: return []
    case .of(let path, let directories):
      guard let directory = directories[commit.cursor.sequence] else { return [] }
      let name = path.split(separator: 0x2f).last ?? []
      return all.filter { $0.parent == directory && name.elementsEqual($0.name.bytes) }.map { ($0, path) }
    case .everything:
      // Where a directory was that the commit takes away is known before.
      var gone: Set<ObjectID> = []
      for object in commit.changes.objects where object.facts.contains(.removed) { gone.insert(object.id) }
      return all.map { transient in
        (transient, gone.contains(transient.parent) ? table.path(Link(transient.parent, transient.name)) : nil)
      }
    }
  }

  private struct Told {
    var operation: Operation
    var path: [UInt8]
    var from: [UInt8]?
    var changed: [AttributeKind] = []
  }

  /// One operation for each name that came or went, and one for content and one for attributes.
  ///
  /// A name lost and a name gained are a rename, for they are of one object.
  private static func operations(
    _ object: ObjectChange, _ before: Before, _ gained: [[UInt8]], _ path: () -> [UInt8]
  ) -> [Told] {
    var told: [Told] = []
    let facts = object.facts
    if facts.contains(.removed) {
      for (index, lost) in before.lost.enumerated() {
        told.append(Told(operation: index == 0 ? .remove : .unlink, path: lost))
      }
      return told.isEmpty ? [Told(operation: .remove, path: path())] : told
    }
    if facts.contains(.created) {
      for (index, path) in gained.enumerated() {
        told.append(Told(operation: index == 0 ? .create : .link, path: path))
      }
      return told.isEmpty ? [Told(operation: .create, path: path())] : told
    }
    let renames = min(before.lost.count, gained.count)
    for index in 0..<renames {
      told.append(Told(operation: .rename, path: gained[index], from: before.lost[index]))
    }
    told += before.lost.dropFirst(renames).map { Told(operation: .unlink, path: $0) }
    told += gained.dropFirst(renames).map { Told(operation: .link, path: $0) }
    if facts.contains(.content) { told.append(Told(operation: .write, path: path())) }
    var changed = before.changed
    // A write moves the times: that goes without saying.
    if facts.contains(.attributes), changed.isEmpty, told.isEmpty, !facts.contains(.unsettled) {
      changed = [.times]
    }
    if !changed.isEmpty {
      told.append(Told(operation: .attributes, path: path(), changed: changed))
    }
    return told
  }
}
