import LinuxSystem
import Glibc

extension Mirror {
  /// What became of a link that was asked for.
  public enum LinkOutcome: Sendable {
    case linked
    /// The directory would lie inside itself: a link between the two is out of date. Nothing was
    /// changed.
    case wouldCloseCycle
  }

  // MARK: Looking

  /// What stands under a name in a directory.
  public func link(
    in directory: Node, named name: UnsafeRawBufferPointer
  ) -> (place: LinkPlace, node: Node)? {
    let row = nameIndex.find(Self.nameHash(directory.row, name)) {
      let place = LinkPlace(row: $0)
      return self.parentRow(place) == directory.row && self.hasName(place, name)
    }
    if row == 0 { return nil }
    let place = LinkPlace(row: row)
    return (place, node(of: place))
  }

  /// The object that a link belongs to.
  public func node(of place: LinkPlace) -> Node {
    place.isExtra ? Node(row: extraLinks[place.extra].node) : Node(row: place.row)
  }

  /// The directory that a link stands in.
  public func parent(of place: LinkPlace) -> Node { Node(row: parentRow(place)) }

  /// Lends the name of a link; it lasts until the mirror changes.
  public func withName<Result>(
    of place: LinkPlace, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let at = Int(nameOffset(place))
    return body(
      UnsafeRawBufferPointer(start: nameBytes.base + at + 1, count: Int(nameBytes[at])))
  }

  /// A copy of the name of a link.
  public func name(of place: LinkPlace) -> Name { withName(of: place) { Name(Array($0)) } }

  /// All links of an object, in no order.
  public func forEachLink(of node: Node, _ body: (LinkPlace) -> Void) {
    if parents[node.row] != 0 { body(LinkPlace(row: node.row)) }
    guard flags[node.row].contains(.hasExtraLinks) else { return }
    var extra = firstExtra[node.row] ?? 0
    while extra != 0 {
      let next = extraLinks[extra].nextOfNode
      body(LinkPlace(row: extra | 0x8000_0000))
      extra = next
    }
  }

  public func links(of node: Node) -> [LinkPlace] {
    var places: [LinkPlace] = []
    forEachLink(of: node) { places.append($0) }
    return places
  }

  public func linkCount(of node: Node) -> Int {
    var count = 0
    forEachLink(of: node) { _ in count += 1 }
    return count
  }

  /// The links in a directory, in no order; `body` may remove the link that it is given.
  public func forEachChild(of directory: Node, _ body: (LinkPlace) -> Void) {
    guard isDirectory(directory) else { return }
    var row = UInt32(truncatingIfNeeded: sizes[directory.row])
    while row != 0 {
      let place = LinkPlace(row: row)
      row = place.isExtra ? extraLinks[place.extra].next : nextSibling[row]
      body(place)
    }
  }

  public func hasChildren(_ directory: Node) -> Bool {
    isDirectory(directory) && sizes[directory.row] != 0
  }

  /// The directory that a directory stands in; nil for the root and for one that was found nowhere.
  public func parent(ofDirectory directory: Node) -> Node? {
    let parent = parents[directory.row]
    return parent == 0 ? nil : Node(row: parent)
  }

  /// The names from the root to a link, or nil when it hangs on a directory that was found nowhere.
  public func path(of place: LinkPlace) -> [Name]? {
    var names = [name(of: place)]
    var directory = parent(of: place)
    while directory != root {
      guard parents[directory.row] != 0 else { return nil }
      let up = LinkPlace(row: directory.row)
      names.append(name(of: up))
      directory = parent(of: up)
    }
    return names.reversed()
  }

  /// The names from the root to an object, by one of its links.
  public func path(of node: Node) -> [Name]? {
    if node == root { return [] }
    for place in links(of: node) {
      if let path = path(of: place) { return path }
    }
    return nil
  }

  // MARK: Changing

  /// Gives an object a name. The name is free, and a directory has no other.
  public func link(
    _ node: Node, in directory: Node, named name: UnsafeRawBufferPointer, isNew: Bool = true
  ) -> LinkOutcome {
    if isDirectory(node), hasChildren(node), isInside(directory, node) { return .wouldCloseCycle }
    if isDirectory(node), node == directory { return .wouldCloseCycle }
    let offset = UInt32(nameBytes.count)
    precondition(nameBytes.count < Int(UInt32.max) - 256, "names take at most 4 GiB")
    nameBytes.append(UInt8(name.count))
    let start = nameBytes.count
    nameBytes.extend(to: start + name.count)
    UnsafeMutableRawBufferPointer(start: nameBytes.base + start, count: name.count)
      .copyMemory(from: name)

    let place: LinkPlace
    if parents[node.row] == 0 {
      place = LinkPlace(row: node.row)
      parents[node.row] = directory.row
      names[node.row] = offset
      if isNew { touch(node.row, .linkIsNew) } else { flags[node.row].remove(.linkIsNew) }
      flags[node.row].insert(.linkIsSeen)
    } else {
      precondition(!isDirectory(node), "a directory has one name")
      place = addExtra(node.row, directory.row, offset, isNew)
      if isNew { touch(node.row, []) }
    }
    pushChild(place, directory.row)
    nameIndex.insert(place.row, Self.nameHash(directory.row, name)) { self.linkHash($0) }
    return .linked
  }

  /// Takes a name from an object, which may be left without any.
  public func unlink(_ place: LinkPlace) {
    let node = node(of: place)
    let isNew: Bool
    if place.isExtra {
      isNew = extraLinks[place.extra].isNew
    } else {
      isNew = flags[node.row].contains(.linkIsNew)
    }
    if !isNew {
      let parent = ObjectID(ids[parentRow(place)])
      withName(of: place) { name in
        lost.append(
          LostLink(
            node: node.row, parent: parent, nameOffset: UInt32(lostNames.count),
            nameCount: UInt32(name.count)))
        lostNames.append(contentsOf: name)
      }
    }
    touch(node.row, [])
    detach(place)
    compactNamesIfWasteful()
  }

  /// Whether a directory lies in another, or is it.
  public func isInside(_ directory: Node, _ outer: Node) -> Bool {
    var row = directory.row
    while row != 0 {
      if row == outer.row { return true }
      row = parents[row]
    }
    return false
  }

  // MARK: Seen by a scan

  /// Forgets which links in a directory were seen.
  public func clearSeen(in directory: Node) {
    forEachChild(of: directory) { setSeen($0, false) }
  }

  public func setSeen(_ place: LinkPlace, _ isSeen: Bool) {
    if place.isExtra {
      extraLinks.base[place.extra].isSeen = isSeen
    } else if isSeen {
      flags[place.row].insert(.linkIsSeen)
    } else {
      flags[place.row].remove(.linkIsSeen)
    }
  }

  public func isSeen(_ place: LinkPlace) -> Bool {
    place.isExtra ? extraLinks[place.extra].isSeen : flags[place.row].contains(.linkIsSeen)
  }
}
