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
      try object.absorb(change, of: changes, isThere: tree.contains(change.id))
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
}
