import Tree

extension DestinationTree {
  /// Takes over which names a change that was applied gave an object and took from it.
  mutating func take(_ change: ObjectChange, of changes: ChangeSet) throws(ReplayError) {
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
