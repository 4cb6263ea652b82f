import LinuxSystem
import Replay
import Tree

/// Brings commits to a destination in memory: works out per object what must be, has the real planner
/// say how, and performs it. What cannot be copied now stays owed, as in a real replay.
struct SimulatedReplay: PlanContext {
  private let world: SimulatedWorld
  private(set) var destination = SimulatedDestination()
  private(set) var owed: [ObjectID: OwedObject] = [:]
  private(set) var verbCount = 0

  init(_ world: SimulatedWorld) { self.world = world }

  func parent(of directory: ObjectID) -> ObjectID? {
    destination.directories[directory].flatMap { destination.inodes[$0].place?.parent }
  }

  /// Objects of which no commit has told what was copied, or what is to be asked of the source.
  var newer: Set<ObjectID> {
    Set(owed.filter { $0.value.copied != nil || $0.value.lacksExtendedAttributes }.keys)
  }

  // MARK: What must be

  mutating func absorb(_ changes: ChangeSet) throws {
    for change in changes.objects {
      var object =
        owed[change.id]
        ?? OwedObject(
          isDirectory: change.attributes.kind == .directory,
          links: (destination.links[change.id] ?? []).filter { $0.parent != .park },
          attributes: change.attributes, changed: change.changed)
      try check(change, of: changes, object.links)
      try object.absorb(change, of: changes, isThere: destination.inode(change.id) != nil)
      owed[change.id] = object
    }
  }

  /// What a real replay lets pass, and no commit of the program's own does.
  private func check(_ change: ObjectChange, of changes: ChangeSet, _ links: [Link]) throws {
    var links = links
    for link in changes.links(of: change) {
      let name = changes.link(link)
      if link.isGained {
        links.append(name)
      } else if let at = links.firstIndex(of: name) {
        links.remove(at: at)
      } else {
        throw SimulatedDestination.Refusal(what: "\(change.id) loses \(name), which it has not")
      }
    }
    if change.facts.contains(.removed), !links.isEmpty {
      throw SimulatedDestination.Refusal(what: "\(change.id) is removed and has names")
    }
  }

  // MARK: What is done

  /// Plans for all that is owed and performs it.
  ///
  /// - Parameter verbsMax: how many verbs are done before the run is interrupted.
  mutating func apply(verbsMax: Int = .max) throws {
    let ids = owed.keys.sorted()
    var staged: [ObjectID: SimulatedDestination.Inode] = [:]
    for id in ids { stage(id, &staged) }
    for id in ids where staged[id] == nil { askExtendedAttributes(id) }
    var objects: [PlanObject] = []
    for id in ids {
      if let object = planObject(id, staged) { objects.append(object) }
    }
    var left = verbsMax
    var unpublished = Set(staged.keys)
    // What got no name is not there, whatever state it was copied in.
    defer { for id in unpublished { unpublish(id) } }
    for verb in plan(objects, in: self) {
      if left == 0 { return noteTouched() }
      left -= 1
      verbCount += 1
      do {
        try perform(verb, staged)
      } catch let refusal as SimulatedDestination.Refusal {
        throw SimulatedDestination.Refusal(what: "\(verb): \(refusal.what)")
      }
      if case .move(let id, let from, _, _) = verb, from == .staged(id) { unpublished.remove(id) }
    }
    for id in ids { settle(id) }
  }

  private mutating func unpublish(_ id: ObjectID) {
    guard let object = owed[id], object.copied != nil else { return }
    owed[id]!.copied = nil
    if object.work.isDisjoint(with: [.make, .content, .unsettled]) {
      owed[id]!.work.insert(.content)
    }
  }

  /// Makes what is new or has new content, if it can be had now.
  private mutating func stage(
    _ id: ObjectID, _ staged: inout [ObjectID: SimulatedDestination.Inode]
  ) {
    guard let object = owed[id], !object.isRemoved, !object.links.isEmpty else { return }
    var made = SimulatedDestination.Inode(id: id, attributes: object.attributes)
    made.target = object.target
    made.extendedAttributes = object.extendedAttributes ?? []
    if object.attributes.kind != .regular {
      if object.work.contains(.make) { staged[id] = made }
      return
    }
    let isAhead = object.copied != nil && object.work.isDisjoint(with: [.content, .unsettled])
    guard object.work.contains(.content) || isAhead, let key = object.key else { return }
    world.pass()
    guard let inode = world.filesystem.find(world.filesystem.handle(key)),
      world.filesystem[inode].nameCount > 0, world.filesystem[inode].kind == .regular
    else { return }
    world.filesystem[inode].wasSeen = true
    let isRecorded = world.filesystem[inode].stamp == object.stamp
    if isAhead, world.filesystem[inode].stamp == object.copied { return }
    if !isRecorded { world.sync(inode) }
    let source = world.filesystem[inode]
    made.content = source.content
    made.attributes = source.status
    made.extendedAttributes = SimulatedNames.attributes[Int(source.attributes)]
    staged[id] = made
    owed[id]!.copied = isRecorded ? nil : source.stamp
  }

  /// Extended attributes that the journal does not tell are asked of the source, if it still is what the
  /// journal says.
  private mutating func askExtendedAttributes(_ id: ObjectID) {
    guard let object = owed[id], object.lacksExtendedAttributes, object.copied == nil,
      let key = object.key
    else { return }
    world.pass()
    guard let inode = world.filesystem.find(world.filesystem.handle(key)),
      world.filesystem[inode].stamp == object.stamp
    else { return }
    world.filesystem[inode].wasSeen = true
    owed[id]!.extendedAttributes =
      SimulatedNames.attributes[Int(world.filesystem[inode].attributes)]
  }

  private func planObject(
    _ id: ObjectID, _ staged: [ObjectID: SimulatedDestination.Inode]
  ) -> PlanObject? {
    let object = owed[id]!
    let current = destination.links[id] ?? []
    let isStaged = staged[id] != nil
    if current.isEmpty, !isStaged, id != .root { return nil }
    var plan = PlanObject(
      id: id, isDirectory: object.isDirectory, current: current, final: [])
    if !object.isRemoved {
      plan.final = object.links.filter {
        destination.directories[$0.parent] != nil || staged[$0.parent] != nil
      }
      plan.isKept = plan.final.isEmpty && id != .root
      if plan.isKept, current.isEmpty { return nil }
      plan.isStaged = isStaged
      if object.isDirectory {
        plan.needsAttributes = !object.work.isEmpty
      } else {
        // Attributes of content that is not there yet come with it.
        plan.needsAttributes =
          !isStaged && object.work.isDisjoint(with: [.content, .unsettled])
          && object.copied == nil
          && !object.work.isDisjoint(
            with: object.lacksExtendedAttributes ? .attributes : [.attributes, .extendedAttributes])
      }
    }
    return plan
  }

  private mutating func perform(
    _ verb: Verb, _ staged: [ObjectID: SimulatedDestination.Inode]
  ) throws {
    switch verb {
    case .stage(let id): try destination.stage(staged[id]!)
    case .move(let id, let from, let to, let over):
      try destination.move(id, from, to, over: over)
      if from == .staged(id) {
        owed[id]!.work.subtract(
          owed[id]!.isDirectory ? [] : [.make, .content, .attributes, .extendedAttributes])
      }
    case .link(let id, let from, let to, let over):
      try destination.link(id, from, to, over: over)
    case .unlink(let id, let link): try destination.unlink(id, link)
    case .removeDirectory(let id, let link): try destination.removeDirectory(id, link)
    case .setAttributes(let id):
      guard let object = owed[id],
        !object.work.isDisjoint(with: [.make, .attributes, .extendedAttributes])
      else {
        owed[id]?.work.remove(.modified)
        return try destination.set(id, nil, extended: nil)
      }
      try destination.set(
        id, object.attributes,
        extended: object.work.isDisjoint(with: [.make, .extendedAttributes])
          ? nil : object.extendedAttributes)
      owed[id]!.work.subtract([.attributes, .extendedAttributes, .make, .modified])
      if object.lacksExtendedAttributes { owed[id]!.work.insert(.extendedAttributes) }
    }
  }

  /// What an interrupted run touched is set right by the next, as its intent says.
  private mutating func noteTouched() {
    for (id, number) in destination.directories {
      let inode = destination.inodes[number]
      guard inode.timeBefore != nil else { continue }
      if owed[id] != nil {
        owed[id]!.work.insert(.modified)
        continue
      }
      owed[id] = OwedObject(
        isDirectory: true, links: (destination.links[id] ?? []).filter { $0.parent != .park },
        attributes: inode.attributes, changed: .zero, work: .modified)
    }
  }

  /// Forgets what is as it must be.
  private mutating func settle(_ id: ObjectID) {
    guard let object = owed[id] else { return }
    let current = destination.links[id] ?? []
    if object.isRemoved {
      if current.isEmpty { owed[id] = nil }
    } else if object.work.isEmpty, object.copied == nil,
      id == .root || (!object.links.isEmpty && Set(current) == Set(object.links))
    {
      owed[id] = nil
    }
  }
}
