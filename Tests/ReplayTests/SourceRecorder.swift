import Glibc
import Journal
import LinuxSystem
import SystemPackage
import TestSupport
import Tree

/// Watches a source by looking at all of it, and writes the difference to a journal: slow, simple, and
/// nothing of capture's.
final class SourceRecorder {
  struct Node {
    var id: ObjectID
    var attributes: Attributes
    var changed: Timestamp
    var key: ObjectKey
    var target: [UInt8]
    var extended: [UInt8]
    var links: Set<Link>
  }

  let root: String
  let writer: JournalWriter
  private var nodes: [ObjectKey: Node] = [:]
  private var nextID: UInt64 = 2
  private var isFirst = true

  init(_ root: String, journal: String) throws {
    self.root = root
    let descriptor = try Descriptor.open(path: root, O_RDONLY | O_DIRECTORY)
    writer = try JournalWriter.create(
      at: Array(journal.utf8),
      source: SourceIdentity(
        path: Array(root.utf8), rootKey: try ObjectKey.of(descriptor.raw),
        filesystem: try filesystemIdentity(descriptor.raw)))
  }

  /// Looks, and commits what changed.
  @discardableResult
  func commit(
    without unsettled: Set<String> = [], change: (inout ChangeSet) -> Void = { _ in }
  ) throws -> Cursor {
    let now = try scan()
    var set = difference(from: nodes, to: now, unsettled: unsettled)
    change(&set)
    nodes = now
    isFirst = false
    return try write(set)
  }

  @discardableResult
  func write(_ set: ChangeSet, flags: CommitFlags = .exact) throws -> Cursor {
    _ = try writer.append(set, marks: [], flags: flags, rawTime: .now(), drainedSeconds: 0)
    return try writer.sync()
  }

  func id(of path: String) throws -> ObjectID {
    try nodes[ObjectKey.of("\(root)/\(path)", in: AT_FDCWD)]!.id
  }

  private func scan() throws -> [ObjectKey: Node] {
    var found: [ObjectKey: Node] = [:]
    var reader = ExtendedAttributeReader()
    var waiting: [(path: String, id: ObjectID)] = []
    let top = try Descriptor.open(path: root, O_RDONLY | O_DIRECTORY)
    try note(top.raw, link: nil, &found, &reader)
    waiting.append((root, .root))
    while let (path, parent) = waiting.popLast() {
      let directory = try Descriptor.open(path: path, O_RDONLY | O_DIRECTORY)
      var names: [[UInt8]] = []
      try DirectoryReader().forEach(in: directory.raw) { name, _, _ throws(Errno) in
        names.append(Array(UnsafeRawBufferPointer(start: name, count: strlen(name))))
      }
      for name in names {
        let object = try withCString(name) { name throws(Errno) in
          try Descriptor.open(name, in: directory.raw, .look)
        }
        let id = try note(object.raw, link: Link(parent, Name(name)), &found, &reader)
        if try FileStatus.of(object.raw).kind == .directory {
          waiting.append((path + "/" + String(decoding: name, as: UTF8.self), id))
        }
      }
    }
    return found
  }

  @discardableResult
  private func note(
    _ descriptor: Int32, link: Link?, _ found: inout [ObjectKey: Node],
    _ reader: inout ExtendedAttributeReader
  ) throws -> ObjectID {
    let key = try ObjectKey.of(descriptor)
    if found[key] != nil {
      found[key]!.links.insert(link!)
      return found[key]!.id
    }
    let status = try FileStatus.of(descriptor)
    try reader.read(descriptor, flags: status.flags)
    var id = link == nil ? ObjectID.root : nodes[key]?.id
    if id == nil {
      id = ObjectID(nextID)
      nextID += 1
    }
    found[key] = Node(
      id: id!, attributes: Attributes(status), changed: status.changed, key: key,
      target: status.kind == .symbolicLink ? try Names.target(of: "", in: descriptor) : [],
      extended: reader.encoded, links: link.map { [$0] } ?? [])
    return id!
  }

  private func difference(
    from old: [ObjectKey: Node], to new: [ObjectKey: Node], unsettled: Set<String>
  ) -> ChangeSet {
    var set = ChangeSet()
    for (key, before) in old where new[key] == nil {
      add(before, facts: .removed, lost: before.links, gained: [], &set)
    }
    for (key, after) in new {
      let before = old[key]
      var facts: ObjectChange.Facts = []
      if before == nil, after.id != .root { facts.insert(.created) }
      if before?.attributes != after.attributes { facts.insert(.attributes) }
      if before?.extended != after.extended { facts.insert(.extendedAttributes) }
      if after.attributes.kind == .regular,
        before == nil || before!.attributes.sizeBytes != after.attributes.sizeBytes
          || before!.attributes.modified != after.attributes.modified
      {
        let isUnsettled = after.links.contains {
          unsettled.contains(String(decoding: $0.name.bytes, as: UTF8.self))
        }
        facts.insert(isUnsettled ? .unsettled : .content)
      }
      let lost = (before?.links ?? []).subtracting(after.links)
      let gained = after.links.subtracting(before?.links ?? [])
      if facts.isEmpty, lost.isEmpty, gained.isEmpty { continue }
      add(after, facts: facts, lost: lost, gained: gained, &set)
    }
    return set
  }

  private func add(
    _ node: Node, facts: ObjectChange.Facts, lost: Set<Link>, gained: Set<Link>,
    _ set: inout ChangeSet
  ) {
    var change = ObjectChange(
      id: node.id, facts: facts, attributes: node.attributes, changed: node.changed,
      firstLink: UInt32(set.links.count), linkCount: UInt32(lost.count + gained.count))
    for link in lost {
      set.links.append(
        LinkChange(parent: link.parent, name: set.store(link.name.bytes), isGained: false))
    }
    for link in gained {
      set.links.append(
        LinkChange(parent: link.parent, name: set.store(link.name.bytes), isGained: true))
    }
    if !facts.isDisjoint(with: [.created, .content, .unsettled]) { change.key = set.store(node.key) }
    if facts.contains(.created) { change.target = set.store(node.target) }
    if !facts.isDisjoint(with: [.created, .extendedAttributes]) {
      change.extendedAttributes = set.store(node.extended)
    }
    set.objects.append(change)
  }
}
