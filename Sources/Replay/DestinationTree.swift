import Tree

/// What a destination holds: every object that is there, with its names, as the verbs left it.
///
/// Objects are found by number through open addressing over 32-bit rows; columns instead of objects
/// and one arena for the names keep a node at about 33 bytes. (Pages indexed by the number itself
/// would be smaller for a young journal; in an old one the survivors lie thinly among billions of
/// numbers, and a page each would cost a hundred times as much.)
struct DestinationTree: PlanContext {
  private var slots: [UInt32]
  private var idsLow: [UInt32] = [0]
  private var idsHigh: [UInt16] = [0]
  /// The row of the parent; the park's names stand under row 0. The top bit says that the row is a
  /// directory.
  private var parents: [UInt32] = [0]
  /// Where the name starts in `names`: a byte with its length, then the bytes. `noName` for none.
  private var nameOffsets: [UInt32] = [Self.noName]
  private var names: [UInt8] = []
  private var garbageBytes = 0
  private var free: [UInt32] = []
  /// The second and further names of the few objects that have several.
  private var extra: [UInt32: [Link]] = [:]
  /// Objects that are there, the root among them.
  private(set) var count = 0

  private static let noName = UInt32.max
  private static let directoryBit: UInt32 = 1 << 31
  /// The largest number that a row can hold: 48 bits last for 2,800 years at 3,000 objects a second.
  static let idMax: UInt64 = 1 << 48 - 1

  /// A destination that holds nothing but its root.
  init() {
    slots = [UInt32](repeating: 0, count: 1024)
    insert(.root, isDirectory: true)
  }

  // MARK: Asking

  func contains(_ id: ObjectID) -> Bool {
    guard let row = row(id) else { return false }
    return nameOffsets[Int(row)] != Self.noName || id == .root
  }

  func isDirectory(_ id: ObjectID) -> Bool {
    guard let row = row(id) else { return id == .park }
    return parents[Int(row)] & Self.directoryBit != 0
  }

  /// The names that an object has, in the park too; none when it is not there.
  func links(of id: ObjectID) -> [Link] {
    guard let row = row(id), let first = firstLink(row) else { return [] }
    if let more = extra[row] { return [first] + more }
    return [first]
  }

  /// One name of an object; nil when it is not there, and for the root.
  func link(of id: ObjectID) -> Link? { row(id).flatMap { firstLink($0) } }

  func parent(of directory: ObjectID) -> ObjectID? {
    if directory == .root || directory == .park { return nil }
    return link(of: directory)?.parent
  }

  /// Whether anything is in a directory; it looks at every object, so only where something failed.
  func hasChildren(_ directory: ObjectID) -> Bool {
    guard let row = row(directory) else { return false }
    for index in 1..<parents.count
    where parents[index] & ~Self.directoryBit == row && nameOffsets[index] != Self.noName {
      return true
    }
    return extra.values.contains { $0.contains { $0.parent == directory } }
  }

  /// Whether the way from a directory leads to the root or the park.
  func isReachable(_ directory: ObjectID) -> Bool {
    var at = directory
    var steps = 0
    while at != .root, at != .park {
      guard let link = link(of: at), steps <= count else { return false }
      at = link.parent
      steps += 1
    }
    return true
  }

  /// Calls `body` with every name of every object, in no order.
  func forEachLink(_ body: (ObjectID, Link) -> Void) {
    for row in 1..<UInt32(parents.count) where nameOffsets[Int(row)] != Self.noName {
      let id = id(row)
      body(id, firstLink(row)!)
      for link in extra[row] ?? [] { body(id, link) }
    }
  }

  // MARK: Changing

  /// Notes a name; an object that is not there yet comes to be.
  mutating func add(_ link: Link, to id: ObjectID, isDirectory: Bool) {
    let row = row(id) ?? insert(id, isDirectory: isDirectory)
    guard let first = firstLink(row) else { return setFirst(link, row) }
    if first == link || extra[row]?.contains(link) == true { return }
    extra[row, default: []].append(link)
  }

  /// Forgets a name; an object without any is gone.
  mutating func remove(_ link: Link, from id: ObjectID) {
    guard let row = row(id), let first = firstLink(row) else { return }
    if first != link {
      extra[row]?.removeAll { $0 == link }
      if extra[row]?.isEmpty == true { extra[row] = nil }
      return
    }
    clearFirst(row)
    if let more = extra[row] {
      setFirst(more[0], row)
      extra[row] = more.count > 1 ? Array(more.dropFirst()) : nil
    } else {
      delete(id, row)
    }
  }

  /// Forgets an object with all its names.
  mutating func remove(_ id: ObjectID) {
    guard id != .root, let row = row(id) else { return }
    clearFirst(row)
    extra[row] = nil
    delete(id, row)
  }

  /// Gives an object these names and no others; with none it is gone.
  mutating func set(_ links: [Link], of id: ObjectID, isDirectory: Bool) {
    guard id != .root else { return }
    guard let first = links.first else { return remove(id) }
    let row = row(id) ?? insert(id, isDirectory: isDirectory)
    if isDirectory { parents[Int(row)] |= Self.directoryBit }
    clearFirst(row)
    setFirst(first, row)
    extra[row] = links.count > 1 ? Array(links.dropFirst()) : nil
  }

  /// Forgets the names of an object of which it is not known where it is; what lies in it stays.
  mutating func unplace(_ id: ObjectID) {
    guard id != .root, let row = row(id) else { return }
    clearFirst(row)
    extra[row] = nil
  }

  /// Forgets the names of all that lies in a directory of which it is not known where it is.
  mutating func unplaceUnreachable() {
    var lost: [ObjectID] = []
    forEachLink { id, link in
      if link.parent != .root, link.parent != .park, !isReachable(link.parent) { lost.append(id) }
    }
    for id in lost { unplace(id) }
  }

  // MARK: Rows

  private func id(_ row: UInt32) -> ObjectID {
    ObjectID(UInt64(idsHigh[Int(row)]) << 32 | UInt64(idsLow[Int(row)]))
  }

  private func firstLink(_ row: UInt32) -> Link? {
    let offset = nameOffsets[Int(row)]
    guard offset != Self.noName else { return nil }
    let start = Int(offset) + 1
    let name = Name(Array(names[start..<start + Int(names[Int(offset)])]))
    let parent = parents[Int(row)] & ~Self.directoryBit
    return Link(parent == 0 ? .park : id(parent), name)
  }

  private mutating func setFirst(_ link: Link, _ row: UInt32) {
    // A parent that is not there yet gets its row now; a name makes it whole.
    let parent =
      link.parent == .park ? 0 : (self.row(link.parent) ?? insert(link.parent, isDirectory: true))
    parents[Int(row)] = parents[Int(row)] & Self.directoryBit | parent
    if garbageBytes > 65_536, garbageBytes > names.count / 2 { compactNames() }
    nameOffsets[Int(row)] = UInt32(names.count)
    names.append(UInt8(link.name.bytes.count))
    names.append(contentsOf: link.name.bytes)
  }

  private mutating func clearFirst(_ row: UInt32) {
    let offset = nameOffsets[Int(row)]
    guard offset != Self.noName else { return }
    garbageBytes += Int(names[Int(offset)]) + 1
    nameOffsets[Int(row)] = Self.noName
  }

  private mutating func compactNames() {
    var kept: [UInt8] = []
    kept.reserveCapacity(names.count - garbageBytes + 4096)
    for row in nameOffsets.indices where nameOffsets[row] != Self.noName {
      let offset = Int(nameOffsets[row])
      nameOffsets[row] = UInt32(kept.count)
      kept.append(contentsOf: names[offset...offset + Int(names[offset])])
    }
    names = kept
    garbageBytes = 0
  }

  @discardableResult
  private mutating func insert(_ id: ObjectID, isDirectory: Bool) -> UInt32 {
    precondition(id.rawValue <= Self.idMax, "ids from outside are checked before they come here")
    if (count + 1) * 5 > slots.count * 4 { growSlots() }
    let row: UInt32
    if let reused = free.popLast() {
      row = reused
    } else {
      row = UInt32(parents.count)
      idsLow.append(0)
      idsHigh.append(0)
      parents.append(0)
      nameOffsets.append(Self.noName)
    }
    idsLow[Int(row)] = UInt32(truncatingIfNeeded: id.rawValue)
    idsHigh[Int(row)] = UInt16(truncatingIfNeeded: id.rawValue >> 32)
    parents[Int(row)] = isDirectory ? Self.directoryBit : 0
    nameOffsets[Int(row)] = Self.noName
    place(row, id)
    count += 1
    return row
  }

  private mutating func delete(_ id: ObjectID, _ row: UInt32) {
    // Linear probing without tombstones: what follows in the run moves up where it may.
    let mask = slots.count - 1
    var hole = slot(id)
    while slots[hole] != row { hole = (hole + 1) & mask }
    var at = (hole + 1) & mask
    while slots[at] != 0 {
      let home = slot(self.id(slots[at]))
      if (at &- home) & mask >= (at &- hole) & mask {
        slots[hole] = slots[at]
        hole = at
      }
      at = (at + 1) & mask
    }
    slots[hole] = 0
    free.append(row)
    count -= 1
  }

  private func row(_ id: ObjectID) -> UInt32? {
    let mask = slots.count - 1
    var at = slot(id)
    while slots[at] != 0 {
      if self.id(slots[at]) == id { return slots[at] }
      at = (at + 1) & mask
    }
    return nil
  }

  private func slot(_ id: ObjectID) -> Int {
    let mixed = id.rawValue &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 20) & (slots.count - 1)
  }

  private mutating func place(_ row: UInt32, _ id: ObjectID) {
    let mask = slots.count - 1
    var at = slot(id)
    while slots[at] != 0 { at = (at + 1) & mask }
    slots[at] = row
  }

  private mutating func growSlots() {
    let old = slots
    slots = [UInt32](repeating: 0, count: old.count * 2)
    for row in old where row != 0 { place(row, id(row)) }
  }
}
