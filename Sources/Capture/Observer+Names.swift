import LinuxSystem
import SystemPackage
import Tree

extension Observer {
  /// Looks at one name in a directory, and makes the mirror agree.
  ///
  /// - Parameter isGone: whether it is known, from after the hint, that nothing has the name.
  func look(
    _ directory: Mirror.Node, _ name: UnsafeRawBufferPointer, tries: Int, isGone: Bool = false
  ) {
    guard mirror.isDirectory(directory), knowsPlace(of: directory), !isAway(directory) else { return }
    defer { recheckCache(directory, name) }
    let filter = filter(for: directory)
    if let filter, filter.leavesOut(name, isDirectory: nil) { return leave(directory, name) }
    if isGone { return isAbsent(directory, name) }
    guard enter(directory) else { return }
    do throws(Errno) {
      try view.lookAtName(name) { key, status throws(Errno) in
        if excluded.contains(key) { return isAbsent(directory, name) }
        if let filter, filter.leavesOut(name, isDirectory: status.kind == .directory) {
          return depart(directory, name, key)
        }
        let node = meet(directory, name, key, status, tries: tries, isCertain: true)
        guard let node else { return }
        try observe(node, status)
        if isAnswering { seen[node] = Seen(linkCount: status.linkCount, kind: status.kind) }
      }
    } catch {
      switch error {
      case .noSuchFileOrDirectory: isAbsent(directory, name)
      case .staleNFSFileHandle where tries < Self.looksMax: toLook.append((directory, Name(Array(name)), tries + 1))
      default: unlisted[mirror.id(directory)] = error
      }
    }
  }

  /// Nothing has this name now.
  func isAbsent(_ directory: Mirror.Node, _ name: UnsafeRawBufferPointer) {
    guard let known = mirror.link(in: directory, named: name), !isAway(known.node) else { return }
    unlink(known.place, known.node)
  }

  func unlink(_ place: Mirror.LinkPlace, _ node: Mirror.Node) {
    mirror.unlink(place)
    if mirror.linkCount(of: node) == 0 { orphans.append(node) }
  }

  /// An object was seen under a name: the mirror is made to have it there.
  ///
  /// - Parameter isCertain: key and status are known to be of one object.
  /// - Returns: the object's node, or nil when it must be looked at again first.
  func meet(
    _ directory: Mirror.Node, _ name: UnsafeRawBufferPointer, _ key: ObjectKey,
    _ status: Observation, tries: Int, isCertain: Bool
  ) -> Mirror.Node? {
    var known = mirror.node(key)
    if let node = known, mirror.isOther(status.attributes, than: node) {
      // Key and status are of two objects, or two had one key, as on ext4 where its generation is 0, and on
      // FUSE without birth times.
      guard isCertain, node != mirror.root else {
        toLook.append((directory, Name(Array(name)), tries))
        return nil
      }
      for place in mirror.links(of: node) { mirror.unlink(place) }
      mirror.remove(node)
      hasRemoved = true
      known = nil
    }
    if let here = mirror.link(in: directory, named: name) {
      if here.node == known {
        mirror.setSeen(here.place, true)
        if mirror.isDirectory(here.node) {
          revisit(here.node)
          if isCertain { rescanIfReusable(here.node, key) }
        }
        return known
      }
      if isAway(here.node), key.graft == mirror.key(directory).graft {
        return hold(here.place, before: known)
      }
      unlink(here.place, here.node)
    }
    guard let node = known else { return arrive(directory, name, key, status) }
    guard node != mirror.root else { return nil }
    if status.kind == .directory, mirror.isDirectory(node) {
      return move(node, directory, name, tries: tries)
    }
    if key.isReusable { doubtContent(node, status) }
    // Fewer names than the mirror knows: some of those are out of date.
    if Int(status.linkCount) <= mirror.linkCount(of: node) { lookAtNames(of: node) }
    _ = mirror.link(node, in: directory, named: name)
    return node
  }

  private func arrive(
    _ directory: Mirror.Node, _ name: UnsafeRawBufferPointer, _ key: ObjectKey,
    _ status: Observation
  ) -> Mirror.Node {
    let node = mirror.add(key: key)
    mirror.observe(
      node, status.attributes, changed: status.changed, drainedSeconds: drainedSeconds)
    _ = mirror.link(node, in: directory, named: name)
    switch status.kind {
    case .directory: toScan.append(node)
    case .regular: contentIsNew(node, status)
    default: break
    }
    return node
  }

  /// A directory is only ever in one place: where it was seen last.
  private func move(
    _ node: Mirror.Node, _ directory: Mirror.Node, _ name: UnsafeRawBufferPointer, tries: Int
  ) -> Mirror.Node? {
    if mirror.isInside(directory, node) {
      // The tree on disk has no cycles: some place between here and there is out of date.
      guard tries < Self.looksMax else {
        needsVerification = true
        return nil
      }
      toLook.insert((directory, Name(Array(name)), tries + 1), at: 0)
      var at = directory
      while at != node {
        for place in mirror.links(of: at) {
          toLook.append((mirror.parent(of: place), mirror.name(of: place), 0))
        }
        guard let up = mirror.parent(ofDirectory: at) else { break }
        at = up
      }
      lookAtNames(of: node)
      return nil
    }
    let before = place(of: node)
    for place in mirror.links(of: node) {
      toLook.append((mirror.parent(of: place), mirror.name(of: place), 0))
      mirror.unlink(place)
    }
    _ = mirror.link(node, in: directory, named: name)
    relocate(node, from: before)
    revisit(node)
    rescanIfReusable(node, mirror.key(node))
    return node
  }

  /// A directory that was met may be another one with the key of one that was removed: nothing in it is
  /// reported yet. One that could not be listed is tried again later.
  func rescanIfReusable(_ directory: Mirror.Node, _ key: ObjectKey) {
    if key.isReusable, !displaced.contains(directory) { toScan.append(directory) }
  }

  /// Keeps what the object that is looked at shows of itself.
  func observe(_ node: Mirror.Node, _ status: Observation) throws(Errno) {
    noteContent(node, status)
    mirror.observe(
      node, status.attributes, changed: status.changed,
      drainedSeconds: coveredSeconds(node, status))
    if status.kind == .symbolicLink, mirror.target(node).isEmpty {
      mirror.setTarget(node, try view.target())
    }
    mirror.observe(node, encodedAttributes: try view.extendedAttributes())
    unreadable[mirror.id(node)] = nil
  }

  /// A hint was about an object itself.
  func note(_ hint: DirtySet.Hint, of node: Mirror.Node) {
    // A look at one of its names came after the hint as well.
    if let seen = seen[node] { return note(hint, of: node, seen) }
    if isAway(node) { return }
    do throws(Errno) {
      try view.lookAtObject(mirror.key(node)) { status throws(Errno) in
        if status.linkCount == 0, node != mirror.root { return lookAtNames(of: node) }
        try observe(node, status)
        note(hint, of: node, Seen(linkCount: status.linkCount, kind: status.kind))
      }
    } catch {
      if view.findsByName { keep(hint, of: node) }
      failed(node, error)
    }
  }

  private func note(_ hint: DirtySet.Hint, of node: Mirror.Node, _ seen: Seen) {
    if seen.kind != .directory, Int(seen.linkCount) < mirror.linkCount(of: node) {
      lookAtNames(of: node)
    }
    if seen.kind == .regular, !hint.isDisjoint(with: [.modified, .closed]) {
      mirror.suspectContent(node)
      settling.note(mirror.id(node), node, isClosed: hint.contains(.closed))
      recheckCaches(taggedBy: node)
    }
  }
}

/// What a look at a name showed, as far as other hints that came before it ask for it.
struct Seen {
  var linkCount: UInt32
  var kind: FileKind
}
