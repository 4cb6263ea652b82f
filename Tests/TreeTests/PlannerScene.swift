import Tree

/// A small generator that gives the same numbers for the same seed (SplitMix64).
struct PlannerRandom: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
  mutating func chance(_ part: Int, of whole: Int) -> Bool {
    Int.random(in: 0..<whole, using: &self) < part
  }
}

/// Two random trees over the same objects, few names, and what a plan between them is told.
struct PlannerScene: PlanContext {
  var kinds: [ObjectID: Bool] = [:]
  var before: [ObjectID: [Link]] = [:]
  var after: [ObjectID: [Link]] = [:]
  var objects: [PlanObject] = []
  /// Directories that end without a name, and may hold others all the same.
  private var nameless: Set<ObjectID> = []

  func parent(of directory: ObjectID) -> ObjectID? {
    if directory == .root || directory == .park { return nil }
    return before[directory]?.first?.parent
  }

  init(_ random: inout PlannerRandom) {
    let count = Int.random(in: 1...14, using: &random)
    let directoryShare = Int.random(in: 1...3, using: &random)
    for number in 0..<count {
      let id = ObjectID(UInt64(2 + number))
      kinds[id] = random.chance(directoryShare, of: 4)
    }
    let names = Int.random(in: 1...4, using: &random)
    before = tree(names, like: [:], changing: 1, of: 1, &random)
    leaveInPark(&random)
    for id in kinds.keys.sorted() where kinds[id]! && random.chance(1, of: 20) {
      nameless.insert(id)
    }
    let changing = Int.random(in: 1...10, using: &random)
    after = tree(names, like: before, changing: changing, of: 10, &random)
    describe(&random)
  }

  /// A random tree, in which some objects are as in another one.
  private func tree(
    _ nameCount: Int, like other: [ObjectID: [Link]], changing part: Int, of whole: Int,
    _ random: inout PlannerRandom
  ) -> [ObjectID: [Link]] {
    var result: [ObjectID: [Link]] = [:]
    var taken: Set<Link> = []
    var places: [ObjectID] = [.root] + nameless.sorted()
    func free(_ random: inout PlannerRandom) -> Link? {
      for _ in 0..<6 {
        let name = Name("\(Int.random(in: 0..<nameCount, using: &random))")
        let link = Link(places.randomElement(using: &random)!, name)
        if !taken.contains(link) { return link }
      }
      return nil
    }
    // What keeps its place comes first, as far as its parent keeps its own.
    let kept = kinds.keys.sorted().filter {
      other[$0] != nil && !nameless.contains($0) && !random.chance(part, of: whole)
    }
    var isProgress = true
    while isProgress {
      isProgress = false
      for id in kept where result[id] == nil {
        let links = other[id]!
        guard links.allSatisfy({ $0.parent != .park && places.contains($0.parent) }) else {
          continue
        }
        result[id] = links
        taken.formUnion(links)
        if kinds[id]! { places.append(id) }
        isProgress = true
      }
    }
    let later = kinds.keys.sorted().filter { result[$0] == nil && !nameless.contains($0) }
      .shuffled(using: &random)
    for id in later where !random.chance(1, of: 5) {
      guard let first = free(&random) else { continue }
      result[id] = [first]
      taken.insert(first)
      if kinds[id]! {
        places.append(id)
      } else {
        while random.chance(1, of: 3), let more = free(&random) {
          result[id]!.append(more)
          taken.insert(more)
        }
      }
    }
    return result
  }

  /// What an interrupted run left.
  private mutating func leaveInPark(_ random: inout PlannerRandom) {
    guard random.chance(1, of: 3) else { return }
    for id in kinds.keys.sorted() where random.chance(1, of: 4) {
      var names: [Link] = [.parked(id), Link(.park, Name("\(id.rawValue).1"))]
      // What was made, and what was in the way of others and was itself somebody's.
      names.append(.staged(id))
      let link = names.randomElement(using: &random)!
      if before[id] == nil || kinds[id]! {
        before[id] = [link]
      } else {
        before[id]!.append(link)
      }
    }
    // A directory in the park may have hung below another: its own may lie nowhere then.
    for id in before.keys.sorted() where before[id]!.contains(where: { !isReached($0.parent) }) {
      before[id] = nil
    }
    var isGone = true
    while isGone {
      isGone = false
      for id in before.keys.sorted()
      where before[id]!.contains(where: {
        $0.parent != .root && $0.parent != .park && before[$0.parent] == nil
      }) {
        before[id] = nil
        isGone = true
      }
    }
  }

  private func isReached(_ directory: ObjectID) -> Bool {
    var at = directory
    for _ in 0...kinds.count {
      if at == .root || at == .park { return true }
      guard let link = before[at]?.first else { return false }
      at = link.parent
    }
    return false
  }

  private mutating func describe(_ random: inout PlannerRandom) {
    for id in kinds.keys.sorted() {
      let isDirectory = kinds[id]!
      let current = before[id] ?? []
      var final = after[id] ?? []
      let isKept =
        nameless.contains(id) || (final.isEmpty && !current.isEmpty && random.chance(1, of: 3))
      var isStaged = !isDirectory && !final.isEmpty && random.chance(1, of: 4)
      if !isDirectory && !final.isEmpty && current.isEmpty { isStaged = !random.chance(1, of: 8) }
      let needsAttributes = random.chance(1, of: 4)
      let isChanged = Set(current) != Set(final) || isStaged || needsAttributes || isKept
      if !isChanged && random.chance(3, of: 4) { continue }
      final.shuffle(using: &random)
      objects.append(
        PlanObject(
          id: id, isDirectory: isDirectory, current: current, final: final, isKept: isKept,
          isStaged: isStaged, needsAttributes: needsAttributes))
    }
    if random.chance(1, of: 8) {
      objects.append(
        PlanObject(
          id: .root, isDirectory: true, current: [], final: [], needsAttributes: true))
    }
    objects.shuffle(using: &random)
  }
}
