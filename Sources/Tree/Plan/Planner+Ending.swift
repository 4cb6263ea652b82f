extension Planner {
  /// Removes what must go: names of non-directories, then directories, each before its parent.
  mutating func removeAll() {
    for index in objects.indices where !objects[index].isDirectory {
      for name in initialNames(index)
      where occupants[Int(name)] == Number(index) && claimants[Int(name)] != Number(index) {
        unlink(index, name)
      }
    }
    for index in directoriesToRemove() {
      guard let place = states[index].sources.last else { continue }
      verbs.append(.removeDirectory(objects[index].id, links[Int(place)]))
      touch(place)
    }
  }

  /// Sets what is left of attributes: of objects, then of directories.
  mutating func setAllAttributes() {
    for (index, object) in objects.enumerated()
    where object.needsAttributes && !object.isDirectory && states[index].stays
      && !states[index].isStaged && !object.current.isEmpty
    {
      verbs.append(.setAttributes(object.id))
    }
    var isThere: [ObjectID: Bool] = [:]
    for (index, object) in objects.enumerated() where object.isDirectory {
      let state = states[index]
      isThere[object.id] =
        state.stays && (object.id == .root || state.isStaged || !object.current.isEmpty)
      if state.isMoved || object.needsAttributes { touch(object.id) }
    }
    for directory in touched where isThere[directory] ?? true {
      verbs.append(.setAttributes(directory))
    }
  }

  /// The names that an object had at first, except where its new self was left half made.
  private mutating func initialNames(_ index: Int) -> [Number] {
    let object = objects[index]
    if object.current.isEmpty { return [] }
    return object.current.map { number($0) }
  }

  /// The directories that must go, each before the one that it is in now.
  private func directoriesToRemove() -> [Int] {
    var going: [ObjectID: Int] = [:]
    for (index, object) in objects.enumerated()
    where object.isDirectory && !states[index].stays && !object.current.isEmpty {
      going[object.id] = index
    }
    var childCounts: [Int: Int] = [:]
    func parent(_ index: Int) -> Int? {
      states[index].sources.last.flatMap { going[links[Int($0)].parent] }
    }
    for index in going.values {
      if let parent = parent(index) { childCounts[parent, default: 0] += 1 }
    }
    // Leaves first, and each as soon as its last child is out: the order of a plan never depends on
    // that of a hash table.
    var order: [Int] = []
    for (index, object) in objects.enumerated()
    where going[object.id] == index && childCounts[index] == nil {
      var at: Int? = index
      while let next = at {
        order.append(next)
        at = parent(next)
        if let above = at {
          childCounts[above]! -= 1
          if childCounts[above]! > 0 { at = nil }
        }
      }
    }
    return order
  }
}
