extension Planner {
  /// Has all that is new made in the park, and what an interrupted run left there of it removed.
  mutating func stageAll() {
    for (index, object) in objects.enumerated() where states[index].isStaged {
      if object.current.contains(.staged(object.id)) {
        verbs.append(.unlink(object.id, .staged(object.id)))
      }
      verbs.append(.stage(object.id))
    }
  }

  /// Brings every object to every name that it must have: directories by the depth of the final
  /// parent, then the others, which may be placed in any order.
  mutating func placeAll(in context: some PlanContext) {
    var depths = FinalDepths(objects)
    var directories: [(depth: Int32, gain: Int)] = []
    for (number, gain) in gains.enumerated() where objects[Int(gain.object)].isDirectory {
      let parent = links[Int(gain.target)].parent
      directories.append((depths.depth(of: parent, in: context), number))
    }
    directories.sort { ($0.depth, $0.gain) < ($1.depth, $1.gain) }
    // Until its depth has come, a directory in the way is parked.
    var isReady = Array(repeating: false, count: gains.count)
    for (number, gain) in gains.enumerated() where !objects[Int(gain.object)].isDirectory {
      isReady[number] = true
    }
    var first = 0
    while first < directories.count {
      var end = first
      while end < directories.count, directories[end].depth == directories[first].depth {
        isReady[directories[end].gain] = true
        end += 1
      }
      for entry in directories[first..<end] { place(entry.gain, isReady) }
      first = end
    }
    for number in gains.indices { place(number, isReady) }
  }

  /// Places one gain, after those that clear its way. A cycle of these is broken in the park.
  private mutating func place(_ first: Int, _ isReady: [Bool]) {
    if gains[first].isPlaced { return }
    var stack = [first]
    while let number = stack.last {
      if gains[number].isPlaced {
        stack.removeLast()
        continue
      }
      gains[number].isWaiting = true
      let target = gains[number].target
      let object = gains[number].object
      let occupant = occupants[Int(target)]
      if occupant == Self.nobody {
        take(number, over: false)
      } else if occupant == object {
        // Its old content.
        take(number, over: true)
      } else if claimants[Int(target)] == occupant {
        refuse(number)
      } else if isNeeded(Int(occupant)) {
        if let next = nextGain(of: Int(occupant), isReady) {
          stack.append(next)
        } else {
          park(Int(occupant), at: target, isReplaced: !objects[Int(object)].isDirectory)
        }
      } else if objects[Int(object)].isDirectory {
        unlink(Int(occupant), target)
      } else {
        take(number, over: true)
      }
    }
  }

  /// Whether what an object has at a name that it must lose must live on.
  private func isNeeded(_ index: Int) -> Bool {
    if objects[index].isDirectory { return true }
    let state = states[index]
    return !state.isStaged && state.owedCount > 0 && state.liveCount == 1
  }

  /// The next name that an object can get now: nothing is put into a new directory that has no name
  /// yet, for that is thrown away when it does not come to one.
  private func nextGain(of index: Int, _ isReady: [Bool]) -> Int? {
    states[index].gains.first {
      isReady[$0] && !gains[$0].isPlaced && !gains[$0].isWaiting
        && !isUnplaced(links[Int(gains[$0].target)].parent)
    }
  }

  /// Gives an object the name of a gain, which is free or has a non-directory that nobody needs.
  private mutating func take(_ number: Int, over: Bool) {
    let target = gains[number].target
    let index = Int(gains[number].object)
    let occupant = occupants[Int(target)]
    if occupant != Self.nobody { states[Int(occupant)].liveCount -= 1 }
    let source = nextSource(of: index)
    emit(index, source, target, over: over)
    if source.isMoved {
      if let name = source.name { occupants[Int(name)] = Self.nobody }
    }
    if source.name == nil || !source.isMoved { states[index].liveCount += 1 }
    if objects[index].isDirectory {
      states[index].isMoved = true
      unplaced.remove(objects[index].id)
    }
    occupants[Int(target)] = Number(index)
    states[index].sources.append(target)
    states[index].owedCount -= 1
    gains[number].isPlaced = true
  }

  /// Asks for a name that another object has and must have, which a destination refuses: the journal
  /// contradicts itself.
  private mutating func refuse(_ number: Int) {
    let index = Int(gains[number].object)
    var source = nextSource(of: index)
    source.isMoved = source.isMoved && objects[index].isDirectory
    emit(index, source, gains[number].target, over: false)
    states[index].owedCount -= 1
    gains[number].isPlaced = true
  }

  /// Where an object's next name comes from: a name of the plan, or (nil) the place where it was
  /// made.
  private mutating func nextSource(of index: Int) -> (name: Number?, isMoved: Bool) {
    if states[index].isStaged { return (nil, states[index].owedCount == 1) }
    if objects[index].isDirectory { return (states[index].sources.last, true) }
    while let name = states[index].movable.popLast() {
      if occupants[Int(name)] == Number(index) { return (name, true) }
    }
    while let name = states[index].sources.last, occupants[Int(name)] != Number(index) {
      states[index].sources.removeLast()
    }
    return (states[index].sources.last, false)
  }

  private mutating func emit(
    _ index: Int, _ source: (name: Number?, isMoved: Bool), _ target: Number, over: Bool
  ) {
    let id = objects[index].id
    let to = links[Int(target)]
    let from = source.name.map { links[Int($0)] } ?? .staged(id)
    verbs.append(
      source.isMoved
        ? .move(id, from: from, to: to, over: over) : .link(id, from: from, to: to, over: over))
    touch(to.parent)
    if source.isMoved { touch(from.parent) }
  }

  /// Puts what is in the way into the park; with `isReplaced`, the name stays until it is renamed
  /// over.
  private mutating func park(_ index: Int, at name: Number, isReplaced: Bool) {
    let place = freeParkName(for: index)
    let from = links[Int(name)]
    let to = links[Int(place)]
    if isReplaced && !objects[index].isDirectory {
      verbs.append(.link(objects[index].id, from: from, to: to, over: false))
      states[index].liveCount += 1
    } else {
      verbs.append(.move(objects[index].id, from: from, to: to, over: false))
      touch(name)
      occupants[Int(name)] = Self.nobody
    }
    occupants[Int(place)] = Number(index)
    states[index].sources.append(place)
    states[index].movable.append(place)
    if objects[index].isDirectory { states[index].isMoved = true }
  }

  /// Takes a name from an object.
  mutating func unlink(_ index: Int, _ name: Number) {
    verbs.append(.unlink(objects[index].id, links[Int(name)]))
    touch(name)
    occupants[Int(name)] = Self.nobody
    states[index].liveCount -= 1
  }
}
