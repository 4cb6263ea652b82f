import LinuxSystem
import Tree

/// Brings commits to a destination in memory: works out per object what must be, has the real planner
/// say how, and performs it. What cannot be copied now stays owed, as in a real replay.
struct SimulatedReplay: PlanContext {
  /// What an object must become and is not yet.
  struct Owed {
    struct Work: OptionSet {
      let rawValue: UInt8
      static let make = Work(rawValue: 1)
      static let content = Work(rawValue: 2)
      static let unsettled = Work(rawValue: 4)
      static let attributes = Work(rawValue: 8)
      static let extendedAttributes = Work(rawValue: 16)
      static let time = Work(rawValue: 32)
    }

    var links: [Link]
    var attributes: Attributes
    var changed: Timestamp
    var isRemoved = false
    var key: ObjectKey?
    var target: [UInt8] = []
    var extendedAttributes: [UInt8]?
    var work: Work = []
    /// The state that was copied though no commit speaks of it yet.
    var newer: ContentStamp?

    var isDirectory: Bool { attributes.kind == .directory }
    var stamp: ContentStamp {
      ContentStamp(
        sizeBytes: attributes.sizeBytes, modified: attributes.modified, changed: changed)
    }
  }

  private let world: SimulatedWorld
  private(set) var destination = SimulatedDestination()
  private(set) var owed: [ObjectID: Owed] = [:]
  private(set) var verbCount = 0

  init(_ world: SimulatedWorld) { self.world = world }

  func parent(of directory: ObjectID) -> ObjectID? {
    destination.directories[directory].flatMap { destination.inodes[$0].place?.parent }
  }

  /// Objects that were copied in a state that no commit has told yet.
  var newer: Set<ObjectID> { Set(owed.filter { $0.value.newer != nil }.keys) }

  // MARK: What must be

  mutating func absorb(_ changes: ChangeSet) throws {
    for change in changes.objects {
      let facts = change.facts
      var object =
        owed[change.id]
        ?? Owed(
          links: (destination.links[change.id] ?? []).filter { $0.parent != .park },
          attributes: change.attributes, changed: change.changed)
      for link in changes.links(of: change) where !link.isGained {
        let lost = changes.link(link)
        guard object.links.contains(lost) else {
          throw SimulatedDestination.Refusal(what: "\(change.id) loses \(lost), which it has not")
        }
        object.links.removeAll { $0 == lost }
      }
      for link in changes.links(of: change) where link.isGained {
        object.links.append(changes.link(link))
      }
      object.attributes = change.attributes
      object.changed = change.changed
      if facts.contains(.removed) {
        object.isRemoved = true
        object.work = []
        object.newer = nil
        guard object.links.isEmpty else {
          throw SimulatedDestination.Refusal(what: "\(change.id) is removed and has names")
        }
      } else {
        take(change, changes, &object)
      }
      owed[change.id] = object
    }
  }

  private func take(_ change: ObjectChange, _ changes: ChangeSet, _ object: inout Owed) {
    let facts = change.facts
    object.isRemoved = false
    if facts.contains(.created), change.id != .root, destination.inode(change.id) == nil {
      object.work.insert(.make)
    }
    if change.key.count > 0 { object.key = changes.key(change.key) }
    if change.target.count > 0 { object.target = changes.array(change.target) }
    if !facts.isDisjoint(with: [.created, .extendedAttributes]) {
      object.extendedAttributes = changes.array(change.extendedAttributes)
      object.work.insert(.extendedAttributes)
    }
    if !facts.isDisjoint(with: [.created, .attributes]) { object.work.insert(.attributes) }
    if facts.contains(.content) {
      object.work.remove(.unsettled)
      object.newer = nil
      object.work.insert(.content)
    } else if facts.contains(.unsettled) {
      object.work.remove(.content)
      object.newer = nil
      object.work.insert(.unsettled)
    } else if object.newer == object.stamp {
      // What was copied ahead is now the recorded state.
      object.newer = nil
      object.work.formUnion([.attributes, .extendedAttributes])
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
    var objects: [PlanObject] = []
    for id in ids {
      if let object = planObject(id, staged) { objects.append(object) }
    }
    var left = verbsMax
    for verb in plan(objects, in: self) {
      if left == 0 { return noteTouched() }
      left -= 1
      verbCount += 1
      do {
        try perform(verb, staged)
      } catch let refusal as SimulatedDestination.Refusal {
        throw SimulatedDestination.Refusal(what: "\(verb): \(refusal.what)")
      }
    }
    for id in ids { settle(id) }
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
    guard object.work.contains(.content) || object.newer != nil, let key = object.key else { return }
    world.pass()
    guard let inode = world.filesystem.find(world.filesystem.handle(key)),
      world.filesystem[inode].nameCount > 0, world.filesystem[inode].kind == .regular
    else { return }
    world.filesystem[inode].wasSeen = true
    let isRecorded = world.filesystem[inode].stamp == object.stamp
    if object.newer != nil, world.filesystem[inode].stamp == object.newer { return }
    if !isRecorded { world.sync(inode) }
    let source = world.filesystem[inode]
    made.content = source.content
    made.attributes = source.status
    made.extendedAttributes = SimulatedNames.attributes[Int(source.attributes)]
    staged[id] = made
    owed[id]!.newer = isRecorded ? nil : source.stamp
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
          && object.newer == nil && !object.work.isEmpty
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
        owed[id]?.work.remove(.time)
        return try destination.set(id, nil, extended: nil)
      }
      try destination.set(
        id, object.attributes,
        extended: object.work.isDisjoint(with: [.make, .extendedAttributes])
          ? nil : object.extendedAttributes)
      owed[id]!.work.subtract([.attributes, .extendedAttributes, .make, .time])
    }
  }

  /// What an interrupted run touched is set right by the next, as its intent says.
  private mutating func noteTouched() {
    for (id, number) in destination.directories {
      let inode = destination.inodes[number]
      guard inode.timeBefore != nil else { continue }
      if owed[id] != nil {
        owed[id]!.work.insert(.time)
        continue
      }
      owed[id] = Owed(
        links: (destination.links[id] ?? []).filter { $0.parent != .park },
        attributes: inode.attributes, changed: .zero, work: .time)
    }
  }

  /// Forgets what is as it must be.
  private mutating func settle(_ id: ObjectID) {
    guard let object = owed[id] else { return }
    let current = destination.links[id] ?? []
    if object.isRemoved {
      if current.isEmpty { owed[id] = nil }
    } else if object.work.isEmpty, object.newer == nil,
      id == .root || (!object.links.isEmpty && Set(current) == Set(object.links))
    {
      owed[id] = nil
    }
  }
}
