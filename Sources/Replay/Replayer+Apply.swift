import Journal
import LinuxSystem
import SystemPackage
import Tree

extension Replayer {
  /// How often a plan is made again without what failed, before the rest waits for the next step.
  private static var roundsMax: Int { 4 }

  /// Brings objects at the destination to what they must be, as far as that can be done now.
  ///
  /// - Parameter cursor: the commit that they come from; nil when only exceptions are tried again.
  func apply(_ ids: Set<ObjectID>, _ cursor: Cursor?) throws(ReplayError) {
    let candidates = ids.sorted()
    for id in candidates {
      if let problem = owed[id]?.problem, problem != .newer { owed[id]!.problem = nil }
    }
    var staging = Staging()
    defer { closeStagingDirectories() }
    // What is taken over gets no park first: that begins when nothing can be lost any more.
    if adopts != .no { try waitUntilDurable(cursor) }
    try beginVersions()
    do throws(ReplayError) {
      try stage(candidates, &staging)
      // Few descriptors serve all that follows, under any limit.
      closeStagingDirectories()
      try place(candidates, &staging, cursor)
    } catch .interrupted {
      throw .interrupted
    } catch {
      discardStaged(staging)
      throw error
    }
    discardStaged(staging)
    for id in candidates { settle(id) }
  }

  private func place(
    _ candidates: [ObjectID], _ staging: inout Staging, _ cursor: Cursor?
  ) throws(ReplayError) {
    var run = VerbRun()
    var isFirst = true
    beginSealing(candidates)
    for _ in 0..<Self.roundsMax {
      let objects = planObjects(candidates, staging, frozen: run.failed)
      let verbs = plan(objects, in: tree)
      run.begin(objects)
      if isFirst {
        noteTimes(verbs, &run)
        if !options.dryRun {
          try publishSyncs(&staging, try intend(objects, verbs, staging, run, cursor))
          try waitUntilDurable(cursor)
        }
        isFirst = false
      }
      if verbs.isEmpty { break }
      try perform(verbs, &staging, &run)
      if !run.mustPlanAgain { break }
    }
    for (id, errno) in run.failed {
      owed[id]?.problem = .failed(errno)
      if run.published.contains(id), let place = staging.made[id]?.place { halfPublished.insert(place) }
    }
    try seal()
    if options.sync == .commit, !options.dryRun { try syncPlaced(run) }
  }

  // MARK: The plan's input

  private func planObjects(
    _ candidates: [ObjectID], _ staging: Staging, frozen: [ObjectID: Errno]
  ) -> [PlanObject] {
    var objects: [PlanObject] = []
    objects.reserveCapacity(candidates.count)
    var takers: [Link: ObjectID] = [:]
    takers.reserveCapacity(candidates.count)
    for id in frozen.keys { for link in tree.links(of: id) { takers[link] = id } }
    for id in candidates where frozen[id] == nil {
      guard let object = owed[id] else { continue }
      let made = staging.made[id]
      // What was made in a new directory is where it must be, once that has its name.
      let current = made?.nest.map { [$0.link] } ?? tree.links(of: id)
      let isStaged = made != nil
      if current.isEmpty, !isStaged, id != .root { continue }
      if let nest = made?.nest, frozen[nest.top] != nil { continue }
      var plan = PlanObject(id: id, isDirectory: object.isDirectory, current: current, final: [])
      if !object.isRemoved {
        plan.final = object.links.filter { isPlace($0.parent, staging) }
        for link in plan.final {
          if let other = takers.updateValue(id, forKey: link), other != id {
            takers[link] = other
            plan.final.removeAll { $0 == link }
            owed[id]!.problem = .failed(.fileExists)
          }
        }
        plan.isKept = plan.final.isEmpty && id != .root
        if plan.isKept, current.isEmpty { continue }
        plan.isStaged = isStaged && made?.nest == nil
        plan.top = made?.nest?.top
        plan.needsAttributes = needsAttributes(object, isStaged: isStaged)
      }
      if !object.isRemoved, !plan.isStaged, !plan.needsAttributes,
        plan.isKept ? current == [.parked(id)] : isSame(current, plan.final)
      {
        continue
      }
      objects.append(plan)
    }
    breakCircles(&objects)
    return objects
  }

  private func needsAttributes(_ object: OwedObject, isStaged: Bool) -> Bool {
    if object.isDirectory {
      return !object.work.isDisjoint(with: [.attributes, .extendedAttributes, .modified, .make])
    }
    // Attributes that belong to content which is not there yet come with it.
    return !isStaged && object.work.isDisjoint(with: [.content, .unsettled])
      && object.problem != .newer
      && !object.work.isDisjoint(
        with: object.lacksExtendedAttributes ? .attributes : [.attributes, .extendedAttributes])
  }

  /// Whether a directory is at the destination, or about to be.
  private func isPlace(_ directory: ObjectID, _ staging: Staging) -> Bool {
    if let made = staging.made[directory] { return made.isDirectory }
    return tree.contains(directory) && tree.isDirectory(directory)
  }

  func isSame(_ a: [Link], _ b: [Link]) -> Bool {
    a == b || (a.count == b.count && Set(a) == Set(b))
  }

  /// No directory may come to lie in itself: where a journal, or what failed, asks for that, the
  /// directories concerned stay where they are.
  private func breakCircles(_ objects: inout [PlanObject]) {
    var finals: [ObjectID: ObjectID] = [:]
    // What has no final name leaves its place as well, for the park: what lies above it now is not above it then.
    for object in objects where object.isDirectory && object.id != .root {
      finals[object.id] = object.final.first?.parent ?? .park
    }
    if finals.isEmpty { return }
    var sound: Set<ObjectID> = []
    var circular: Set<ObjectID> = []
    for start in finals.keys.sorted() where !sound.contains(start) {
      var trail: Set<ObjectID> = []
      var at: ObjectID? = start
      while let id = at, !sound.contains(id) {
        if !trail.insert(id).inserted {
          circular.formUnion(trail)
          break
        }
        at = circular.contains(id) ? nil : (finals[id] ?? tree.parent(of: id))
      }
      sound.formUnion(trail)
    }
    if circular.isEmpty { return }
    for index in objects.indices.reversed() where circular.contains(objects[index].id) {
      guard finals[objects[index].id] != nil else { continue }
      owed[objects[index].id]?.problem = .failed(.tooManySymbolicLinkLevels)
      objects.remove(at: index)
    }
  }

  // MARK: Afterwards

  /// Decides whether an object is now as it must be.
  private func settle(_ id: ObjectID) {
    guard let object = owed[id] else { return }
    let current = tree.links(of: id)
    if object.isRemoved {
      if current.isEmpty {
        owed[id] = nil
        losses.forget(id)
      } else if object.problem == nil {
        owed[id]!.problem = .failed(.directoryNotEmpty)
      }
    } else {
      // What lives on without a name stays owed until it has one or goes.
      let isPlaced = id == .root || (!object.isKept && isSame(current, object.links))
      if isPlaced, object.work.subtracting(.suspect).isEmpty, object.problem != .newer {
        owed[id] = nil
      } else if object.problem == nil, id == .root || !object.isKept {
        owed[id]!.problem = .pending
      }
    }
    noteHeld(id)
  }

  private func discardStaged(_ staging: Staging) {
    for (id, made) in staging.made {
      // What lies in a new directory goes with it.
      if made.nest == nil { destination?.removeStaged(id) }
      // What got no name is not there, whatever state it was copied in.
      owed[id]?.copied = nil
    }
  }

  /// Directories whose names change keep their time, where the change says nothing of it.
  private func noteTimes(_ verbs: [Verb], _ run: inout VerbRun) {
    guard let destination else { return }
    for case .setAttributes(let id) in verbs {
      guard tree.isDirectory(id), tree.contains(id) else { continue }
      if let object = owed[id],
        !object.work.isDisjoint(with: [.attributes, .make, .modified])
      {
        run.modified[id] = object.attributes.modified
        continue
      }
      if let directory = try? destination.directory(id, in: tree),
        let status = try? FileStatus.of(directory)
      {
        run.modified[id] = status.modified
      }
    }
  }
}
