import Tree

extension DestinationTree {
  /// Takes over which names changes that were applied gave objects and took from them.
  ///
  /// - Parameter isTaken: asked for each object that is not removed, with what changed of it.
  mutating func take(
    _ changes: ChangeSet, where isTaken: (ObjectChange) -> Bool = { _ in true }
  ) throws(ReplayError) {
    var removed: [ObjectID] = []
    for change in changes.objects {
      guard change.id != .none, change.id.rawValue <= Self.idMax else {
        throw .invalidJournal("an object number out of range")
      }
      guard isTaken(change) else { continue }
      if change.facts.contains(.removed) {
        removed.append(change.id)
      } else {
        try take(change, of: changes)
      }
    }
    // Last, so that no row of a directory is used again while something still lies in it.
    for id in removed { remove(id) }
  }

  private mutating func take(_ change: ObjectChange, of changes: ChangeSet) throws(ReplayError) {
    if change.linkCount == 0 { return }
    var links = links(of: change.id).filter { $0.parent != .park }
    for link in changes.links(of: change) where !link.isGained {
      let lost = changes.link(link)
      links.removeAll { $0 == lost }
    }
    for link in changes.links(of: change) where link.isGained {
      guard link.parent.rawValue <= Self.idMax else {
        throw .invalidJournal("an object number out of range")
      }
      let gained = changes.link(link)
      if !links.contains(gained) { links.append(gained) }
    }
    // What lives on without a name gets one in a later commit, or is among the exceptions; what lies in it
    // goes with it.
    if links.isEmpty { return unplace(change.id) }
    set(links, of: change.id, isDirectory: change.attributes.kind == .directory)
  }
}
