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

  // MARK: Parts

  @inline(__always)
  func parentRow(_ place: LinkPlace) -> UInt32 {
    place.isExtra ? extraLinks[place.extra].parent : parents[place.row]
  }

  @inline(__always)
  func nameOffset(_ place: LinkPlace) -> UInt32 {
    place.isExtra ? extraLinks[place.extra].name : names[place.row]
  }

  @inline(__always)
  private func hasName(_ place: LinkPlace, _ name: UnsafeRawBufferPointer) -> Bool {
    let at = Int(nameOffset(place))
    return Int(nameBytes[at]) == name.count
      && memcmp(nameBytes.base + at + 1, name.baseAddress!, name.count) == 0
  }

  static func nameHash(_ parent: UInt32, _ name: UnsafeRawBufferPointer) -> UInt64 {
    var hash = UInt64(parent) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(name.count)
    var at = 0
    while at + 8 <= name.count {
      hash = (hash ^ name.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash >> 32
      at += 8
    }
    var rest: UInt64 = 0
    while at < name.count {
      rest = rest << 8 | UInt64(name[at])
      at += 1
    }
    hash = (hash ^ rest) &* 0xD6E8_FEB8_6659_FD93
    hash ^= hash >> 32
    hash = hash &* 0xD6E8_FEB8_6659_FD93
    return hash ^ (hash >> 32)
  }

  private func linkHash(_ row: UInt32) -> UInt64 {
    let place = LinkPlace(row: row)
    let parent = parentRow(place)
    return withName(of: place) { Self.nameHash(parent, $0) }
  }

  private func addExtra(
    _ node: UInt32, _ parent: UInt32, _ name: UInt32, _ isNew: Bool
  ) -> LinkPlace {
    let row: UInt32
    if freeExtra != 0 {
      row = freeExtra
      freeExtra = extraLinks[row].nextOfNode
    } else {
      row = UInt32(extraLinks.count)
      extraLinks.extend(to: extraLinks.count + 1)
    }
    extraLinks[row] = ExtraLink(
      node: node, parent: parent, name: name, next: 0, previous: 0,
      nextOfNode: firstExtra[node] ?? 0, isNew: isNew, isSeen: true)
    firstExtra[node] = row
    flags[node].insert(.hasExtraLinks)
    return LinkPlace(row: row | 0x8000_0000)
  }

  private func pushChild(_ place: LinkPlace, _ directory: UInt32) {
    let first = UInt32(truncatingIfNeeded: sizes[directory])
    setNext(place.row, first)
    setPrevious(place.row, 0)
    if first != 0 { setPrevious(first, place.row) }
    sizes[directory] = UInt64(place.row)
  }

  private func detach(_ place: LinkPlace) {
    let hash = linkHash(place.row)
    nameIndex.remove(place.row, hash) { self.linkHash($0) }
    let directory = parentRow(place)
    let next = place.isExtra ? extraLinks[place.extra].next : nextSibling[place.row]
    let previous = place.isExtra ? extraLinks[place.extra].previous : previousSibling[place.row]
    if previous == 0 { sizes[directory] = UInt64(next) } else { setNext(previous, next) }
    if next != 0 { setPrevious(next, previous) }
    wastedNameBytes += 1 + Int(nameBytes[Int(nameOffset(place))])
    if place.isExtra {
      let row = UInt32(place.extra)
      let node = extraLinks[row].node
      var at = firstExtra[node]!
      if at == row {
        let after = extraLinks[row].nextOfNode
        firstExtra[node] = after == 0 ? nil : after
        if after == 0 { flags[node].remove(.hasExtraLinks) }
      } else {
        while extraLinks[at].nextOfNode != row { at = extraLinks[at].nextOfNode }
        extraLinks.base[Int(at)].nextOfNode = extraLinks[row].nextOfNode
      }
      extraLinks.base[Int(row)].nextOfNode = freeExtra
      freeExtra = row
    } else {
      parents[place.row] = 0
      names[place.row] = 0
      flags[place.row].remove(.linkIsNew)
    }
  }

  @inline(__always)
  private func setNext(_ row: UInt32, _ next: UInt32) {
    if row & 0x8000_0000 != 0 {
      extraLinks.base[Int(row & 0x7fff_ffff)].next = next
    } else {
      nextSibling[row] = next
    }
  }

  @inline(__always)
  private func setPrevious(_ row: UInt32, _ previous: UInt32) {
    if row & 0x8000_0000 != 0 {
      extraLinks.base[Int(row & 0x7fff_ffff)].previous = previous
    } else {
      previousSibling[row] = previous
    }
  }

  /// Names of links that are gone are reclaimed when they are more than half of all.
  private func compactNamesIfWasteful() {
    guard wastedNameBytes > 1 << 20, wastedNameBytes * 2 > nameBytes.count else { return }
    var kept = Column<UInt8>()
    kept.append(0)
    for row in 1..<ids.count where flags[row].contains(.live) && parents[row] != 0 {
      names[row] = copyName(names[row], to: &kept)
    }
    for extra in firstExtra.values {
      var at = extra
      while at != 0 {
        extraLinks.base[Int(at)].name = copyName(extraLinks[at].name, to: &kept)
        at = extraLinks[at].nextOfNode
      }
    }
    nameBytes = kept
    wastedNameBytes = 0
  }

  private func copyName(_ offset: UInt32, to kept: inout Column<UInt8>) -> UInt32 {
    let count = 1 + Int(nameBytes[offset])
    let to = kept.count
    kept.extend(to: to + count)
    memcpy(kept.base + to, nameBytes.base + Int(offset), count)
    return UInt32(to)
  }
}
