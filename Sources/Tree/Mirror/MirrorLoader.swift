import LinuxSystem

/// Builds a mirror from what a journal says: a checkpoint, and the commits after it.
///
/// What a journal says is only believed as far as it makes sense; the first rescan of the source
/// corrects the rest.
public struct MirrorLoader: ~Copyable {
  public let mirror: Mirror
  /// Rows by object number; numbers are dense, so an array serves.
  private var rows: [UInt32]

  public init(root key: ObjectKey) {
    mirror = Mirror(root: key)
    rows = [0, 1]
  }

  /// Applies one net change. In a set, a parent may stand after its child.
  ///
  /// - Throws: `LoadError` when it contradicts what was applied before.
  public mutating func apply(_ changes: ChangeSet) throws(LoadError) {
    // An object that left the source and came back has its key under a new number: the old one lets
    // go of it first.
    for change in changes.objects where change.facts.contains(.removed) {
      let row = try row(change.id)
      guard row != mirror.root.row else { throw .contradiction("the root is removed") }
      mirror.keyIndex.remove(row, mirror.keyHash(row)) { [mirror] in mirror.keyHash($0) }
    }
    for change in changes.objects where change.facts.contains(.created) {
      try create(change, changes)
    }
    // All that is lost, before what is gained: names pass from one object to another.
    for change in changes.objects {
      let row = try row(change.id)
      for link in changes.links(of: change) where !link.isGained {
        let parent = Mirror.Node(row: try self.row(link.parent))
        guard let found = changes.withBytes(link.name, { mirror.link(in: parent, named: $0) }),
          found.node.row == row
        else { throw .contradiction("object \(change.id.rawValue) loses a name that it has not") }
        mirror.unlink(found.place)
      }
    }
    for change in changes.objects where !change.facts.contains(.removed) {
      let node = Mirror.Node(row: try row(change.id))
      set(node, change, changes)
    }
    try gain(changes)
    for change in changes.objects where change.facts.contains(.removed) {
      let node = Mirror.Node(row: try row(change.id))
      guard mirror.linkCount(of: node) == 0, !mirror.hasChildren(node) else {
        throw .contradiction("object \(change.id.rawValue) is removed while it has names")
      }
      mirror.removeUnindexed(node)
      rows[Int(change.id.rawValue)] = 0
    }
    mirror.forgetChanges()
  }

  /// Ends the loading.
  /// - Parameter nextID: the number for the next new object; more than any in the journal.
  public consuming func finish(nextID: ObjectID) -> Mirror {
    mirror.nextID = max(mirror.nextID, nextID)
    return mirror
  }

  private func row(_ id: ObjectID) throws(LoadError) -> UInt32 {
    guard id.rawValue < UInt64(rows.count), rows[Int(id.rawValue)] != 0 else {
      throw .contradiction("object \(id.rawValue) is not known")
    }
    return rows[Int(id.rawValue)]
  }

  private mutating func create(_ change: ObjectChange, _ changes: ChangeSet) throws(LoadError) {
    guard change.id != .root else { return }
    // 2^32 objects are more than the mirror holds, so numbers so large are not plausible.
    guard change.id.rawValue < 1 << 36, let key = changes.key(change.key) else {
      throw .contradiction("object \(change.id.rawValue) has no key or no possible number")
    }
    let at = Int(change.id.rawValue)
    if at >= rows.count {
      rows.append(contentsOf: repeatElement(0, count: max(at + 1, rows.count * 2) - rows.count))
    }
    guard rows[at] == 0, mirror.node(key) == nil else {
      throw .contradiction("object \(change.id.rawValue) is created twice")
    }
    rows[at] = mirror.insertRow(key: key, id: change.id)
    mirror.nextID = max(mirror.nextID, ObjectID(change.id.rawValue + 1))
  }

  private func set(_ node: Mirror.Node, _ change: ObjectChange, _ changes: ChangeSet) {
    mirror.set(node, change.attributes, changed: change.changed)
    mirror.drained[node.row] = UInt32(clamping: change.drainedSeconds)
    if change.attributes.kind == .symbolicLink, change.target.count > 0 {
      mirror.setTarget(node, changes.array(change.target))
    }
    if !change.facts.isDisjoint(with: [.created, .extendedAttributes]) {
      mirror.observe(node, encodedAttributes: changes.array(change.extendedAttributes))
    }
    if change.facts.contains(.unsettled) { mirror.flags[node.row].insert(.suspect) }
    if change.facts.contains(.content) { mirror.flags[node.row].remove(.suspect) }
  }

  /// Directories whose final parent still hangs below them come later: no order of moves is given.
  private mutating func gain(_ changes: ChangeSet) throws(LoadError) {
    var waiting: [(row: UInt32, link: LinkChange)] = []
    for change in changes.objects {
      let row = try row(change.id)
      for link in changes.links(of: change) where link.isGained { waiting.append((row, link)) }
    }
    for entry in waiting {
      let node = Mirror.Node(row: entry.row)
      let parent = Mirror.Node(row: try row(entry.link.parent))
      let isFree = changes.withBytes(entry.link.name) { mirror.link(in: parent, named: $0) == nil }
      let hasRoom = !mirror.isDirectory(node) || mirror.linkCount(of: node) == 0
      guard mirror.isDirectory(parent), isFree, hasRoom, node != mirror.root,
        changes.withBytes(
          entry.link.name, { mirror.link(node, in: parent, named: $0, isNew: false) }) == .linked
      else { throw .contradiction("object \(node.row) gains a name that is not free") }
    }
  }
}

/// Why a journal does not make a tree.
public enum LoadError: Error {
  case contradiction(String)
}

extension Mirror {
  /// Forgets what the next commit would say: it is in the journal already.
  func forgetChanges() {
    for row in touched {
      if flags[row].contains(.removed) {
        freeRow(row)
      } else {
        flags[row].subtract([
          .touched, .created, .attributesChanged, .extendedAttributesChanged, .content,
          .suspectIsNews, .linkIsNew,
        ])
      }
    }
    touched.removeAll(keepingCapacity: true)
    lost.removeAll(keepingCapacity: true)
    lostNames.removeAll(keepingCapacity: true)
    pendingRemovals = 0
  }
}
