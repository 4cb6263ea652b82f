/// One step of a plan: what a destination does to its names and objects.
///
/// New objects, and new content for old ones, are first made whole in the park (`stage`) and then
/// moved to their names; so a name at the destination is never half made.
public enum Verb: Hashable, Sendable {
  /// Makes the object, complete with content and attributes, as `Link.staged(id)` in the park: an
  /// empty directory, a file with its content, a symbolic link, a node.
  case stage(ObjectID)
  /// Renames. With `over`, a non-directory that has the new name is replaced; without, the new name
  /// is free.
  case move(ObjectID, from: Link, to: Link, over: Bool)
  /// Gives a non-directory a further name. With `over`, a non-directory that has the new name is
  /// replaced (link to a temporary name, rename over).
  case link(ObjectID, from: Link, to: Link, over: Bool)
  /// Removes one name of a non-directory.
  case unlink(ObjectID, Link)
  /// Removes an empty directory.
  case removeDirectory(ObjectID, Link)
  /// Sets mode, owner, extended attributes and times as the change says; for a directory that was
  /// only touched by other verbs, its times.
  case setAttributes(ObjectID)

  /// What is made, named or changed.
  public var object: ObjectID {
    switch self {
    case .stage(let id), .move(let id, _, _, _), .link(let id, _, _, _), .unlink(let id, _),
      .removeDirectory(let id, _), .setAttributes(let id):
      id
    }
  }
}

extension Link {
  /// Where an object is made before it gets its names.
  public static func staged(_ id: ObjectID) -> Link {
    Link(.park, Name("\(id.rawValue).new"))
  }

  /// Where an object waits that is in the way of others.
  public static func parked(_ id: ObjectID) -> Link {
    Link(.park, Name("\(id.rawValue)"))
  }
}
