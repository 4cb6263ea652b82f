import LinuxSystem
import Tree

/// What is mounted inside the source, where that is followed.
///
/// A name under which a filesystem was mounted belongs to that until it is left out, or another filesystem
/// is mounted there. While it is away nothing of it is looked at, and nothing of it is taken for gone;
/// neither is what stands under the name meanwhile seen, which mostly is the empty mount point.
extension Observer {
  /// Whether an object is on a filesystem that is not mounted now.
  @inline(__always)
  func isAway(_ node: Mirror.Node) -> Bool {
    view.followsMounts && view.isAway(mirror.key(node))
  }

  /// Keeps a name for the filesystem that was mounted there, whatever was seen under it.
  ///
  /// - Returns: nil, as for an object that cannot be met now.
  func hold(_ place: Mirror.LinkPlace, before other: Mirror.Node?) -> Mirror.Node? {
    mirror.setSeen(place, true)
    if let other, mirror.isDirectory(other) { hidden.insert(other) }
    return nil
  }

  /// Whether a directory without a name is known to be where it is not seen, or away and replaced.
  func isOutOfSight(_ directory: Mirror.Node) -> Bool {
    hidden.remove(directory) != nil || isAway(directory)
  }

  /// How many objects of filesystems that are away there are in a directory, and itself. What was in
  /// memory alone is gone with its mount and does not count.
  func countAway(from node: Mirror.Node) -> Int {
    var count = 0
    var beneath = [node]
    while let next = beneath.popLast() {
      let key = mirror.key(next)
      if view.isAway(key), !key.isInPassingGraft { count += 1 }
      guard mirror.isDirectory(next) else { continue }
      mirror.forEachChild(of: next) { beneath.append(mirror.node(of: $0)) }
    }
    return count
  }

  /// Looks at the names at which something else is mounted than before. What comes back is looked at as a
  /// whole: nobody knows what happened to it elsewhere.
  package func mountsChanged(from before: GraftTable, to now: GraftTable) {
    var names: [(directory: ObjectKey, name: [UInt8])] = []
    for graft in now.grafts where before[graft.number] !== graft {
      // One that was only mounted once more was watched all the time.
      let isReturning = before[graft.number]?.place != graft.place
      if isReturning, mirror.node(graft.key) != nil { needsVerification = true }
      names.append((graft.parent, graft.names.last!))
    }
    for graft in before.grafts where now[graft.number] !== graft {
      names.append((graft.parent, graft.names.last!))
    }
    for (directory, name) in names {
      guard let node = mirror.node(directory) else { continue }
      name.withUnsafeBytes { look(node, $0, tries: 0) }
    }
    finishLooking()
  }
}
