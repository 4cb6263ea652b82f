import LinuxSystem
import Tree

extension OwedObject {
  /// Takes over what a commit says of it.
  ///
  /// - Parameter isThere: whether the destination has the object.
  package mutating func absorb(
    _ change: ObjectChange, of changes: ChangeSet, isThere: Bool
  ) throws(ReplayError) {
    let facts = change.facts
    if change.id == .root, facts.contains(.removed) || change.linkCount > 0 {
      throw .invalidJournal("the root is removed or renamed")
    }
    for link in changes.links(of: change) where !link.isGained {
      let lost = changes.link(link)
      links.removeAll { $0 == lost }
    }
    for link in changes.links(of: change) where link.isGained {
      let gained = changes.link(link)
      guard gained.parent.rawValue <= DestinationTree.idMax else {
        throw .invalidJournal("an object number out of range")
      }
      if !links.contains(gained) { links.append(gained) }
    }
    if isDirectory, links.count > 1 { throw .invalidJournal("a directory with two names") }
    attributes = change.attributes
    changed = change.changed
    if facts.contains(.removed) {
      isRemoved = true
      links = []
      work = []
    } else {
      isRemoved = false
      if facts.contains(.created), change.id != .root, !isThere { work.insert(.make) }
      takeAttributes(change, changes)
      takeContent(change)
    }
  }

  private mutating func takeAttributes(_ change: ObjectChange, _ changes: ChangeSet) {
    if change.key.count > 0 { key = changes.key(change.key) }
    if change.target.count > 0 { target = changes.array(change.target) }
    if !change.facts.isDisjoint(with: [.created, .extendedAttributes]) {
      extendedAttributes = changes.array(change.extendedAttributes)
      work.insert(.extendedAttributes)
    }
    if !change.facts.isDisjoint(with: [.created, .attributes]) { work.insert(.attributes) }
  }

  private mutating func takeContent(_ change: ObjectChange) {
    if change.facts.contains(.content) {
      work.subtract([.unsettled, .suspect])
      if copied == change.stamp { arrive() }
      // What was copied under this very stamp is compared: a write moves the times before it stores its bytes, and
      // is reported after both, so that the copy may have the old bytes under the new times.
      work.insert(.content)
    } else if change.facts.contains(.unsettled) {
      work.remove(.content)
      work.insert(.unsettled)
    } else if let copied, work.isDisjoint(with: [.content, .unsettled]),
      copied.sizeBytes == change.attributes.sizeBytes,
      copied.modified == change.attributes.modified, copied.changed <= change.changed
    {
      // Only names or attributes changed since it was copied. An extended attribute that came and went
      // between two looks is in no commit, and may be in the copy.
      if copied.changed < change.changed { work.insert(.extendedAttributes) }
      arrive()
    }
  }

  /// A newer state that was copied is now the recorded one.
  private mutating func arrive() {
    copied = nil
    work.remove(.content)
    work.insert(.attributes)
    if problem == .newer { problem = nil }
  }
}
