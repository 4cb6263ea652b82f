import LinuxSystem
import SystemPackage
import Tree

/// The tree of a source at some commit, as a destination's own log tells it.
struct PastTree {
  /// What is known of one object.
  struct Object {
    var attributes: Attributes
    var target: [UInt8] = []
    /// Encoded as in a change set.
    var extendedAttributes: [UInt8] = []
  }

  private(set) var names = DestinationTree()
  private(set) var objects: [ObjectID: Object] = [:]
  /// Whether more than names is of interest.
  private let isWhole: Bool

  init(namesOnly: Bool) { isWhole = !namesOnly }

  mutating func removeAll() {
    names = DestinationTree()
    objects = [:]
  }

  /// Takes in the next change.
  mutating func take(_ changes: ChangeSet) throws(ReplayError) {
    try names.take(changes)
    for change in changes.objects where isWhole && !change.facts.contains(.removed) { note(change, changes) }
    // Last, so that nothing is lost that only passed through what is gone.
    for change in changes.objects where change.facts.contains(.removed) { objects[change.id] = nil }
  }

  private mutating func note(_ change: ObjectChange, _ changes: ChangeSet) {
    var object = objects[change.id] ?? Object(attributes: change.attributes)
    object.attributes = change.attributes
    if change.target.count > 0 { object.target = changes.array(change.target) }
    if !change.facts.isDisjoint(with: [.created, .extendedAttributes]) {
      object.extendedAttributes = changes.array(change.extendedAttributes)
    }
    objects[change.id] = object
  }

  /// Corrects where an object is at the destination.
  mutating func place(_ id: ObjectID, at links: [Link], isDirectory: Bool) {
    names.set(links, of: id, isDirectory: isDirectory)
  }
}
