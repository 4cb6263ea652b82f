import LinuxSystem
import SystemPackage
import Tree

extension Replayer {
  /// Adds a net change to what is owed; `note` is told of every object that it names.
  func absorb(
    _ changes: ChangeSet, note: (ObjectID) -> Void = { _ in }
  ) throws(ReplayError) {
    for change in changes.objects {
      guard change.id.rawValue <= DestinationTree.idMax, change.id != .none else {
        throw .invalidJournal("an object number out of range")
      }
      note(change.id)
      var object = owed[change.id] ?? settled(change)
      let facts = change.facts
      if change.id == .root, facts.contains(.removed) || change.linkCount > 0 {
        throw .invalidJournal("the root is removed or renamed")
      }
      for link in changes.links(of: change) where !link.isGained {
        let lost = changes.link(link)
        object.links.removeAll { $0 == lost }
      }
      for link in changes.links(of: change) where link.isGained {
        let gained = changes.link(link)
        guard gained.parent.rawValue <= DestinationTree.idMax else {
          throw .invalidJournal("an object number out of range")
        }
        if !object.links.contains(gained) { object.links.append(gained) }
      }
      if object.isDirectory, object.links.count > 1 {
        throw .invalidJournal("a directory with two names")
      }
      object.attributes = change.attributes
      object.changed = change.changed
      if facts.contains(.removed) {
        object.isRemoved = true
        object.links = []
        object.work = []
      } else {
        take(change, changes, &object)
      }
      owed[change.id] = object
    }
  }

  /// An object that is at the destination as it must be, or not known yet.
  private func settled(_ change: ObjectChange) -> OwedObject {
    OwedObject(
      isDirectory: change.attributes.kind == .directory,
      links: tree.links(of: change.id).filter { $0.parent != .park },
      attributes: change.attributes, changed: change.changed, work: [])
  }

  private func take(_ change: ObjectChange, _ changes: ChangeSet, _ object: inout OwedObject) {
    let facts = change.facts
    object.isRemoved = false
    if facts.contains(.created), change.id != .root, !tree.contains(change.id) {
      object.work.insert(.make)
    }
    if change.key.count > 0 { object.key = changes.key(change.key) }
    if change.target.count > 0 { object.target = changes.array(change.target) }
    if !facts.isDisjoint(with: [.created, .extendedAttributes]) {
      object.extendedAttributes = changes.array(change.extendedAttributes)
      object.work.insert(.extendedAttributes)
    }
    if !facts.isDisjoint(with: [.created, .attributes]) { object.work.insert(.attributes) }
    if facts.contains(.content) {
      object.work.remove(.unsettled)
      if object.copied == change.stamp {
        arrived(&object)
      } else {
        object.work.insert(.content)
      }
    } else if facts.contains(.unsettled) {
      object.work.remove(.content)
      object.work.insert(.unsettled)
    } else if let copied = object.copied, object.work.isDisjoint(with: [.content, .unsettled]),
      copied.sizeBytes == change.attributes.sizeBytes,
      copied.modified == change.attributes.modified, copied.changed <= change.changed
    {
      // Only names or attributes changed since it was copied. An extended attribute that came and went
      // between two looks is in no commit, and may be in the copy.
      if copied.changed < change.changed { object.work.insert(.extendedAttributes) }
      arrived(&object)
    }
  }

  /// A newer state that was copied is now the recorded one.
  private func arrived(_ object: inout OwedObject) {
    object.copied = nil
    object.work.remove(.content)
    object.work.formUnion([.attributes])
    if object.problem == .newer { object.problem = nil }
  }
}
