import Glibc

/// How links are kept: the first name of an object in its own row, others in rows of their own.
extension Mirror {
  @inline(__always)
  func parentRow(_ place: LinkPlace) -> UInt32 {
    place.isExtra ? extraLinks[place.extra].parent : parents[place.row]
  }

  @inline(__always)
  func nameOffset(_ place: LinkPlace) -> UInt32 {
    place.isExtra ? extraLinks[place.extra].name : names[place.row]
  }

  @inline(__always)
  func hasName(_ place: LinkPlace, _ name: UnsafeRawBufferPointer) -> Bool {
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

  func linkHash(_ row: UInt32) -> UInt64 {
    let place = LinkPlace(row: row)
    let parent = parentRow(place)
    return withName(of: place) { Self.nameHash(parent, $0) }
  }

  func addExtra(
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

  func pushChild(_ place: LinkPlace, _ directory: UInt32) {
    let first = UInt32(truncatingIfNeeded: sizes[directory])
    setNext(place.row, first)
    setPrevious(place.row, 0)
    if first != 0 { setPrevious(first, place.row) }
    sizes[directory] = UInt64(place.row)
  }

  func detach(_ place: LinkPlace) {
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
  func setNext(_ row: UInt32, _ next: UInt32) {
    if row & 0x8000_0000 != 0 {
      extraLinks.base[Int(row & 0x7fff_ffff)].next = next
    } else {
      nextSibling[row] = next
    }
  }

  @inline(__always)
  func setPrevious(_ row: UInt32, _ previous: UInt32) {
    if row & 0x8000_0000 != 0 {
      extraLinks.base[Int(row & 0x7fff_ffff)].previous = previous
    } else {
      previousSibling[row] = previous
    }
  }

  /// Names of links that are gone are reclaimed when they are more than half of all.
  func compactNamesIfWasteful() {
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

  func copyName(_ offset: UInt32, to kept: inout Column<UInt8>) -> UInt32 {
    let count = 1 + Int(nameBytes[offset])
    let to = kept.count
    kept.extend(to: to + count)
    memcpy(kept.base + to, nameBytes.base + Int(offset), count)
    return UInt32(to)
  }
}
