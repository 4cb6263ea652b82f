import LinuxSystem
import SystemPackage
import Tree

/// What was made for one batch and has no name in the tree yet.
struct Staging {
  struct Made {
    var isDirectory: Bool
    /// nil in a dry run.
    var place: DestinationInode?
    /// Where it was made, if not under its staging name.
    var nest: Nest?
  }

  /// A place in a new directory: what is new as well is made there at once, under the name that it is to
  /// have, so that one rename publishes all of it.
  struct Nest {
    /// The outermost new directory, which has a staging name.
    var top: ObjectID
    var link: Link
  }

  var made: [ObjectID: Made] = [:]
  /// Regular files among them.
  var files: [ObjectID] = []
  /// What was made in each new directory, and in those within it: parents first.
  var nested: [ObjectID: [ObjectID]] = [:]
  /// Whether anything may be made in a new directory.
  var nests = false

  /// Notes what was made.
  mutating func note(_ id: ObjectID, _ object: Made) {
    made[id] = object
    if let nest = object.nest { nested[nest.top, default: []].append(id) }
  }

  /// Whether an object was made in a directory that has a name by now, or is to get one in this batch.
  func isStaged(_ link: Link) -> Bool { made[link.parent]?.isDirectory == true }

  /// Where an object that is not at the destination may be made, beside the park.
  func nest(for object: OwedObject) -> Nest? {
    guard nests, object.work.contains(.make) else { return nil }
    for link in object.links {
      guard let parent = made[link.parent], parent.isDirectory else { continue }
      return Nest(top: parent.nest?.top ?? link.parent, link: link)
    }
    return nil
  }

  /// The names from the park to a directory that was made.
  func names(ofDirectory id: ObjectID) -> [[UInt8]] {
    var names: [[UInt8]] = []
    var at = id
    while let nest = made[at]?.nest {
      names.append(nest.link.name.bytes)
      at = nest.link.parent
    }
    names.append(Link.staged(at).name.bytes)
    names.reverse()
    return names
  }
}
