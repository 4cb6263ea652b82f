import Exclusion
import LinuxSystem
import Tree

/// What is left out is, to the mirror, not there: it arrives when it is moved or renamed to where it
/// is not left out, and departs when it is moved the other way.
extension Observer {
  /// Where a directory is, to the patterns.
  ///
  /// - Returns: nil when that depends on a directory that was found nowhere, or when nothing is left
  ///   out.
  func place(of directory: Mirror.Node) -> ExclusionMatcher.Place? {
    guard let matcher = exclusion?.matcher else { return nil }
    if directory == mirror.root || !matcher.dependsOnPath { return matcher.root }
    if let known = exclusion?.places[directory] { return known }
    var unknown = [directory]
    var found: ExclusionMatcher.Place? = nil
    while found == nil {
      guard let up = mirror.parent(ofDirectory: unknown[unknown.count - 1]) else { return nil }
      found = up == mirror.root ? matcher.root : exclusion?.places[up]
      if found == nil { unknown.append(up) }
    }
    for node in unknown.reversed() {
      mirror.forEachLink(of: node) { link in
        mirror.withName(of: link) { found = matcher.place(of: $0, in: found!) }
      }
      exclusion?.makeRoom()
      exclusion?.places[node] = found
    }
    return found
  }

  /// Whether it can be said what of a directory is left out. Otherwise nothing in it is looked at; all
  /// is when the directory has a place again.
  func knowsPlace(of directory: Mirror.Node) -> Bool {
    exclusion == nil || place(of: directory) != nil
  }

  /// What is left out of a directory; nil when nothing is left out anywhere.
  func filter(for directory: Mirror.Node) -> NameFilter? {
    guard let matcher = exclusion?.matcher, let place = place(of: directory) else { return nil }
    return NameFilter(matcher, place, isCache: isCache(directory))
  }

  /// A name that is left out, whatever it is, and was not looked at.
  func leave(_ directory: Mirror.Node, _ name: UnsafeRawBufferPointer) {
    guard let known = mirror.link(in: directory, named: name) else { return }
    if mirror.isDirectory(known.node) { exclusion?.departed.insert(known.node) }
    unlink(known.place, known.node)
  }

  /// An object was seen under a name that is left out.
  func depart(_ directory: Mirror.Node, _ name: UnsafeRawBufferPointer, _ key: ObjectKey) {
    isAbsent(directory, name)
    guard let node = mirror.node(key), mirror.isDirectory(node), node != mirror.root else { return }
    exclusion?.departed.insert(node)
    // A directory is only in one place. Where the mirror had it may be out of reach until it is gone from
    // there: a directory that was found nowhere may lie in this one now.
    for place in mirror.links(of: node) {
      toLook.append((mirror.parent(of: place), mirror.name(of: place), 0))
      unlink(place, node)
    }
  }

  /// Whether a directory without a name is known to be where it is left out.
  func hasDeparted(_ directory: Mirror.Node) -> Bool {
    exclusion?.departed.remove(directory) != nil
  }

  /// A directory was moved: when other names are left out of it now, or of what lies beneath it, all
  /// of it is looked at again.
  func relocate(_ directory: Mirror.Node, from before: ExclusionMatcher.Place?) {
    guard let matcher = exclusion?.matcher else { return }
    exclusion?.departed.remove(directory)
    guard matcher.dependsOnPath else { return }
    exclusion?.places[directory] = nil
    if let now = place(of: directory), now == before { return }
    exclusion?.places.removeAll(keepingCapacity: true)
    var beneath = [directory]
    var at = 0
    while at < beneath.count {
      mirror.forEachChild(of: beneath[at]) { link in
        let child = mirror.node(of: link)
        if mirror.isDirectory(child) { beneath.append(child) }
      }
      at += 1
    }
    if verification?.isReading == true {
      // The pass comes to them once more.
      for node in beneath { verification?.visited.remove(node.row32) }
    } else {
      toScan.append(contentsOf: beneath.reversed())
    }
  }

  // MARK: Caches

  /// Whether a directory has a cache tag, and such directories are left empty.
  func isCache(_ directory: Mirror.Node) -> Bool {
    guard exclusion?.rules.leavesOutCaches == true, directory != mirror.root else { return false }
    if let known = exclusion?.caches[directory] { return known }
    let found = view.hasCacheTag(in: mirror.key(directory))
    exclusion?.makeRoom()
    exclusion?.caches[directory] = found
    return found
  }

  /// Something was told of a name: if it is that of a tag, the directory may be a cache now, or none
  /// any more, and is looked at as a whole. Which of the two it was when the rest of it was looked at
  /// last is not known for sure: another look may have come between.
  func recheckCache(_ directory: Mirror.Node, _ name: UnsafeRawBufferPointer) {
    guard exclusion?.rules.leavesOutCaches == true, CacheTag.isName(name) else { return }
    exclusion?.caches[directory] = nil
    toScan.append(directory)
  }

  /// The content of an object may have changed: if it is a tag, see above.
  func recheckCaches(taggedBy node: Mirror.Node) {
    guard exclusion?.rules.leavesOutCaches == true else { return }
    for link in mirror.links(of: node) {
      mirror.withName(of: link) { recheckCache(mirror.parent(of: link), $0) }
    }
  }
}
