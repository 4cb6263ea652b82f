import SystemPackage
import Tree

/// Something of the source that could not be looked at.
public struct SourceTrouble: Sendable, Equatable {
  /// The names from the source's root; empty for the root.
  public var path: [[UInt8]]
  /// Why not.
  public var errno: Errno
  /// It is known, but not all that is in it.
  public var isDirectory: Bool
}

extension Observer {
  var hasTroubles: Bool { !unreadable.isEmpty || !unlisted.isEmpty }

  /// Something happened to what may have a trouble, or in it.
  func noteTroubled(_ node: Mirror.Node) {
    guard unlisted[mirror.id(node)] != nil else { return }  // a look at an object clears its own
    troubleRetry.hurry(now: clock.monotonic)
  }

  /// Looks again at all that could not be looked at, if that is due.
  func retryDueTroubles() {
    guard let due = troubleRetry.due, clock.monotonic >= due else { return }
    retryTroubles()
  }

  /// When troubles are to be tried again, in monotonic nanoseconds; nil without troubles.
  func planTroubles() -> UInt64? {
    if hasTroubles {
      troubleRetry.plan(unreadable.count + unlisted.count, now: clock.monotonic)
    } else {
      troubleRetry.end()
    }
    return troubleRetry.due
  }

  /// Looks again at all that could not be looked at.
  func retryTroubles() {
    guard hasTroubles else { return }
    let start = clock.monotonic
    defer { troubleRetry.tried(from: start, to: clock.monotonic) }
    for node in mirror.nodes(Set(unreadable.keys).union(unlisted.keys)) {
      if mirror.isDirectory(node) { toScan.append(node) }
      note([.attributes, .modified], of: node)
    }
    finishLooking()
  }

  /// A directory was listed to its end. If it could not be before, a pass over the tree may have gone by
  /// without a look at some of its files: nobody knows whether their content is what was last committed.
  func becameReadable(_ directory: Mirror.Node) {
    guard unlisted.removeValue(forKey: mirror.id(directory)) != nil else { return }
    mirror.forEachChild(of: directory) { place in
      let node = mirror.node(of: place)
      guard mirror.kind(node) == .regular, !mirror.isNew(node) else { return }
      mirror.suspectContent(node)
      settling.note(mirror.id(node), node, isClosed: false)
    }
  }

  /// What could not be looked at; what is gone since is forgotten.
  package func troubles() -> [SourceTrouble] {
    guard hasTroubles else { return [] }
    var found: [SourceTrouble] = []
    var live: Set<ObjectID> = []
    for node in mirror.nodes(Set(unreadable.keys).union(unlisted.keys)) {
      let id = mirror.id(node)
      live.insert(id)
      guard let path = node == mirror.root ? [] : mirror.path(of: node) else { continue }
      found.append(
        SourceTrouble(
          path: path.map(\.bytes), errno: (unlisted[id] ?? unreadable[id])!,
          isDirectory: unlisted[id] != nil))
    }
    unreadable = unreadable.filter { live.contains($0.key) }
    unlisted = unlisted.filter { live.contains($0.key) }
    return found
  }
}
