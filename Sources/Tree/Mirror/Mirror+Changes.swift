import LinuxSystem
import Glibc

extension Mirror {
  /// Whether the next commit would say anything.
  public var hasChanges: Bool { !touched.isEmpty }

  /// How many objects the next commit is about, at most.
  public var changeCount: Int { touched.count }

  /// Removes an object that has no name any more, with all that hangs on it and nowhere else.
  public func remove(_ node: Node) {
    precondition(node != root, "the root is never removed")
    var doomed = [node.row]
    while let row = doomed.popLast() {
      forEachChild(of: Node(row: row)) { place in
        let child = self.node(of: place)
        unlink(place)
        if linkCount(of: child) == 0 { doomed.append(child.row) }
      }
      keyIndex.remove(row, keyHash(row)) { self.keyHash($0) }
      removeUnindexed(Node(row: row))
    }
  }

  /// The end of a removal, of a node that its key does not lead to any more.
  func removeUnindexed(_ node: Node) {
    touch(node.row, .removed)
    if !flags[node.row].contains(.created) { pendingRemovals += 1 }
    nodeCount -= 1
  }

  /// Takes all that changed since the last time as one net change.
  ///
  /// - Parameter changes: is emptied first.
  public func takeChanges(into changes: inout ChangeSet) {
    changes.removeAll()
    if !lost.isEmpty { lost.sort { $0.node < $1.node } }
    for row in touched { take(row, into: &changes) }
    touched.removeAll(keepingCapacity: true)
    lost.removeAll(keepingCapacity: true)
    lostNames.removeAll(keepingCapacity: true)
    pendingRemovals = 0
  }

  private func take(_ row: UInt32, into changes: inout ChangeSet) {
    let now = flags[row]
    let node = Node(row: row)
    if now.contains(.removed) {
      if !now.contains(.created) {
        var change = ObjectChange(
          id: id(node), facts: .removed, attributes: attributes(node), changed: changedTime(node),
          drainedSeconds: drainedSeconds(node))
        change.firstLink = UInt32(changes.links.count)
        takeLost(row, into: &changes)
        change.linkCount = UInt32(changes.links.count) - change.firstLink
        changes.objects.append(change)
      }
      freeRow(row)
      return
    }
    var facts: ObjectChange.Facts = []
    if now.contains(.created) { facts.insert(.created) }
    if now.contains(.attributesChanged) { facts.insert(.attributes) }
    if now.contains(.extendedAttributesChanged) { facts.insert(.extendedAttributes) }
    if now.contains(.suspect), !now.isDisjoint(with: [.suspectIsNews, .created]) {
      facts.insert(.unsettled)
    } else if now.contains(.content), !now.contains(.suspect) {
      facts.insert(.content)
    }
    flags[row] = now.subtracting([
      .touched, .created, .attributesChanged, .extendedAttributesChanged, .content, .suspectIsNews,
    ])
    let first = changes.links.count
    if now.contains(.created) {
      forEachLink(of: node) { append($0, to: &changes) }
    } else {
      takeLost(row, into: &changes)
      let lostEnd = changes.links.count
      forEachLink(of: node) { place in
        if isNew(place) { append(place, to: &changes) }
      }
      cancelEqualLinks(first, lostEnd, in: &changes)
    }
    forEachLink(of: node) { setOld($0) }
    let linkCount = changes.links.count - first
    if facts.isEmpty && linkCount == 0 { return }
    var change = ObjectChange(
      id: id(node), facts: facts, attributes: attributes(node), changed: changedTime(node),
      drainedSeconds: drainedSeconds(node), firstLink: UInt32(first), linkCount: UInt32(linkCount))
    fill(&change, node, &changes)
    changes.objects.append(change)
  }

  func fill(_ change: inout ObjectChange, _ node: Node, _ changes: inout ChangeSet) {
    if !change.facts.isDisjoint(with: [.created, .content, .unsettled]) {
      change.key = changes.store(key(node))
    }
    if change.facts.contains(.created), kind(node) == .symbolicLink {
      change.target = changes.store(target(node))
    }
    if !change.facts.isDisjoint(with: [.created, .extendedAttributes]),
      flags[node.row].contains(.hasExtendedAttributes)
    {
      change.extendedAttributes = changes.store(encodedAttributes(node))
    }
  }

  /// Appends the links that a row lost; `lost` is sorted by row.
  private func takeLost(_ row: UInt32, into changes: inout ChangeSet) {
    var low = 0
    var high = lost.count
    while low < high {
      let middle = (low + high) / 2
      if lost[middle].node < row { low = middle + 1 } else { high = middle }
    }
    while low < lost.count, lost[low].node == row {
      let entry = lost[low]
      let name = lostNames.withUnsafeBytes {
        changes.store(
          UnsafeRawBufferPointer(
            rebasing: $0[Int(entry.nameOffset)..<Int(entry.nameOffset + entry.nameCount)]))
      }
      changes.links.append(LinkChange(parent: entry.parent, name: name, isGained: false))
      low += 1
    }
  }

  func append(_ place: LinkPlace, to changes: inout ChangeSet) {
    let parent = ObjectID(ids[parentRow(place)])
    let name = withName(of: place) { changes.store($0) }
    changes.links.append(LinkChange(parent: parent, name: name, isGained: true))
  }

  /// A link that was lost and gained again is no change.
  private func cancelEqualLinks(_ first: Int, _ lostEnd: Int, in changes: inout ChangeSet) {
    guard lostEnd > first, changes.links.count > lostEnd else { return }
    let set = changes
    func isEqual(_ a: LinkChange, _ b: LinkChange) -> Bool {
      a.parent == b.parent && a.name.count == b.name.count
        && set.withBytes(a.name) { x in
          set.withBytes(b.name) { y in memcmp(x.baseAddress!, y.baseAddress!, x.count) == 0 }
        }
    }
    var kept: [LinkChange] = []
    var gained = Array(changes.links[lostEnd...])
    for loss in changes.links[first..<lostEnd] {
      if let at = gained.firstIndex(where: { isEqual($0, loss) }) {
        gained.remove(at: at)
      } else if !kept.contains(where: { isEqual($0, loss) }) {
        kept.append(loss)
      }
    }
    changes.links.removeSubrange(first...)
    changes.links.append(contentsOf: kept)
    changes.links.append(contentsOf: gained)
  }

  private func isNew(_ place: LinkPlace) -> Bool {
    place.isExtra ? extraLinks[place.extra].isNew : flags[place.row].contains(.linkIsNew)
  }

  private func setOld(_ place: LinkPlace) {
    if place.isExtra {
      extraLinks.base[place.extra].isNew = false
    } else {
      flags[place.row].remove(.linkIsNew)
    }
  }
}
