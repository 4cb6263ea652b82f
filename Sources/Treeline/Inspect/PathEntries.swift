import Tree

/// What is known of each object, 24 bytes a piece beside a few for finding it.
///
/// Objects are numbered in the order in which they came, so most lie close together: 16 neighbours share
/// one place in the table. Where they do not, that costs more and is as right.
struct PathEntries {
  struct Entry {
    var parent = ObjectID.none
    var nameOffset: UInt32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    var mode: UInt16 = 0
    var nameCount: UInt8 = 0
    fileprivate(set) var isPresent = false

    var hasLink: Bool { parent != .none }
    var nameRange: Range<Int> { Int(nameOffset)..<Int(nameOffset) + Int(nameCount) }
  }

  private static let neighbours: UInt64 = 16
  private static let groupsInBlock = 512

  /// Where each group of neighbours stands: which block, and where in it.
  private var places: [UInt64: UInt32] = [:]
  /// Blocks never move: growing copies nothing.
  private var blocks: [[Entry]] = []
  private var counts: [UInt8] = []
  private var unused: [UInt32] = []

  subscript(id: ObjectID) -> Entry? {
    get {
      guard let place = places[id.rawValue / Self.neighbours] else { return nil }
      let entry = blocks[Int(place) / Self.groupsInBlock][Self.offset(place, id)]
      return entry.isPresent ? entry : nil
    }
    set {
      guard let newValue else { return remove(id) }
      let place = places[id.rawValue / Self.neighbours] ?? addGroup(id.rawValue / Self.neighbours)
      var entry = newValue
      entry.isPresent = true
      let block = Int(place) / Self.groupsInBlock
      let offset = Self.offset(place, id)
      if !blocks[block][offset].isPresent { counts[Int(place)] += 1 }
      blocks[block][offset] = entry
    }
  }

  /// Gives all entries, in no order.
  func forEach(_ body: (ObjectID, Entry) -> Void) {
    for (group, place) in places {
      for number in 0..<Self.neighbours {
        let id = ObjectID(group * Self.neighbours + number)
        let entry = blocks[Int(place) / Self.groupsInBlock][Self.offset(place, id)]
        if entry.isPresent { body(id, entry) }
      }
    }
  }

  /// Lets all entries be changed.
  mutating func change(_ body: (inout Entry) -> Void) {
    for block in blocks.indices {
      for offset in blocks[block].indices where blocks[block][offset].isPresent {
        body(&blocks[block][offset])
      }
    }
  }

  private static func offset(_ place: UInt32, _ id: ObjectID) -> Int {
    Int(place) % groupsInBlock * Int(neighbours) + Int(id.rawValue % neighbours)
  }

  private mutating func addGroup(_ group: UInt64) -> UInt32 {
    if unused.isEmpty {
      let first = UInt32(blocks.count * Self.groupsInBlock)
      blocks.append(
        Array(repeating: Entry(), count: Self.groupsInBlock * Int(Self.neighbours)))
      counts += Array(repeating: 0, count: Self.groupsInBlock)
      unused = (first..<first + UInt32(Self.groupsInBlock)).reversed()
    }
    let place = unused.removeLast()
    places[group] = place
    return place
  }

  private mutating func remove(_ id: ObjectID) {
    let group = id.rawValue / Self.neighbours
    guard let place = places[group] else { return }
    let block = Int(place) / Self.groupsInBlock
    let offset = Self.offset(place, id)
    guard blocks[block][offset].isPresent else { return }
    blocks[block][offset] = Entry()
    counts[Int(place)] -= 1
    if counts[Int(place)] == 0 {
      places[group] = nil
      unused.append(place)
    }
  }
}
