import Journal
import LinuxSystem
import SystemPackage
import Tree

extension Replayer {
  /// Finds out what a plan left behind that was begun and not finished: each object that it was to
  /// touch is looked for at all the names it may have, and known again by inode and birth time.
  ///
  /// What was found and what must be then differ, and the next step plans from there.
  func recover(_ state: HistoryLog.State) throws(ReplayError) {
    guard let destination else { return }
    do throws(Errno) {
      try destination.removeStaleStaging()
    } catch {
      throw .destination(error, what: "tidy the park")
    }
    let begun = try withoutLost(state.begun)
    if begun.isEmpty { return }
    for (changes, intent) in begun {
      guard let end = intent.end else { continue }
      for set in changes { try absorb(set.changes) }
      recovered = end
    }
    try skipRecovered()
    var search = RecoverySearch()
    for (_, intent) in begun {
      for entry in intent.entries {
        noteOwed(entry)
        search.add(entry)
      }
    }
    for id in search.objects { tree.unplace(id) }
    do throws(Errno) { try search.run(&tree, destination) } catch {
      throw .destination(error, what: "look for what an interrupted run left")
    }
    // A directory that is gone took with it whatever was thought to lie in it.
    tree.unplaceUnreachable()
    for id in search.objects { judge(id, wasStaged: search.staged.contains(id)) }
    halfPublished = search.foundStaged
  }

  /// The begun plans whose commits the journal holds.
  ///
  /// A plan is written down while its commit is synced, so a power cut may leave the plan without the
  /// commit. No verb was done for it then, which is checked; where one was, the journal is not the one
  /// that was applied here, and all is compared by content.
  private func withoutLost(
    _ begun: [(changes: [AttributedChanges], intent: IntentRecord)]
  ) throws(ReplayError) -> [(changes: [AttributedChanges], intent: IntentRecord)] {
    var kept: [(changes: [AttributedChanges], intent: IntentRecord)] = []
    var lost: [IntentRecord] = []
    for plan in begun {
      if let end = plan.intent.end, try !holds(end) {
        lost.append(plan.intent)
      } else {
        kept.append(plan)
      }
    }
    if lost.isEmpty { return begun }
    try seek(after: applied)
    guard kept.isEmpty, try areUntouched(lost) else {
      adopts = options.adopt == .no ? .checksum : options.adopt
      try beginAdoption()
      return []
    }
    // Else the next recovery would take the plan that follows for this one's doing.
    if applied != nil {
      try recordApplied()
      try history?.sync()
    }
    return []
  }

  private func holds(_ cursor: Cursor) throws(ReplayError) -> Bool {
    do { return try journal.seek(after: cursor) } catch { throw .journal(error) }
  }

  private func seek(after cursor: Cursor?) throws(ReplayError) {
    guard let cursor else { return try seekToStart() }
    _ = try holds(cursor)
  }

  /// Whether everything that plans were to touch is where it was before them.
  private func areUntouched(_ plans: [IntentRecord]) throws(ReplayError) -> Bool {
    guard let destination else { return true }
    var search = RecoverySearch()
    for plan in plans { for entry in plan.entries { search.add(entry) } }
    var found = tree
    for id in search.objects { found.unplace(id) }
    do throws(Errno) { try search.run(&found, destination) } catch {
      throw .destination(error, what: "look for what an interrupted run left")
    }
    return search.foundStaged.isEmpty
      && search.objects.allSatisfy { isSame(found.links(of: $0), tree.links(of: $0)) }
  }

  /// The commits of begun plans are owed already: reading goes on after them.
  private func skipRecovered() throws(ReplayError) {
    guard let recovered else { return }
    forgetRead()
    try seek(after: recovered)
  }

  /// Whatever a begun plan was to touch takes part in the next one.
  private func noteOwed(_ entry: IntentRecord.Entry) {
    if owed[entry.id] == nil {
      owed[entry.id] = OwedObject(
        isDirectory: entry.isDirectory,
        links: tree.links(of: entry.id).filter { $0.parent != .park },
        attributes: Attributes(
          mode: (entry.isDirectory ? FileKind.directory : .regular).modeBits, uid: 0, gid: 0,
          modified: entry.modified ?? .zero),
        changed: .zero, work: [])
    }
    guard let modified = entry.modified, !owed[entry.id]!.isRemoved else { return }
    if owed[entry.id]!.work.isDisjoint(with: [.attributes, .make]) {
      owed[entry.id]!.attributes.modified = modified
      owed[entry.id]!.work.insert(.modified)
    }
  }

  /// What is left to do for an object, by what was found of it.
  private func judge(_ id: ObjectID, wasStaged: Bool) {
    let isThere = tree.contains(id)
    if !isThere { tree.remove(id) }
    guard let object = owed[id], !object.isRemoved, id != .root else { return }
    let isRegular = object.attributes.kind == .regular
    if isThere {
      owed[id]!.work.remove(.make)
      // Which of its names have the new content is not asked: it is copied once more. Where it turns
      // out to be there, its attributes may be of a newer state than the recorded one.
      if wasStaged, isRegular, object.key != nil {
        owed[id]!.work.formUnion([.content, .attributes, .extendedAttributes])
      }
    } else if !object.links.isEmpty {
      owed[id]!.work.insert(.make)
      if isRegular, !object.work.contains(.unsettled) { owed[id]!.work.insert(.content) }
    }
  }
}

/// The search for the objects of an interrupted plan.
private struct RecoverySearch {
  private(set) var objects: Set<ObjectID> = []
  private(set) var staged: Set<ObjectID> = []
  /// Staged inodes that have a name outside the park's staging names.
  private(set) var foundStaged: Set<DestinationInode> = []
  private var stagedInodes: Set<DestinationInode> = []
  private var known: [DestinationInode: (id: ObjectID, isDirectory: Bool)] = [:]
  private var places: Set<Link> = []

  mutating func add(_ entry: IntentRecord.Entry) {
    guard entry.present != nil || entry.staged != nil, entry.id != .root else { return }
    objects.insert(entry.id)
    if let present = entry.present { known[present] = (entry.id, entry.isDirectory) }
    if let made = entry.staged {
      known[made] = (entry.id, entry.isDirectory)
      staged.insert(entry.id)
      stagedInodes.insert(made)
    }
    places.formUnion(entry.current)
    places.formUnion(entry.final)
    places.insert(.parked(entry.id))
    places.insert(Link(.park, Name("\(entry.id.rawValue).1")))
  }

  /// Looks at every place whose directory has been found, until no more are.
  mutating func run(
    _ tree: inout DestinationTree, _ destination: Destination
  ) throws(Errno) {
    var rest = Array(places)
    while !rest.isEmpty {
      var later: [Link] = []
      for place in rest {
        guard tree.isReachable(place.parent) else {
          later.append(place)
          continue
        }
        guard let directory = try directory(place.parent, tree, destination) else { continue }
        guard let status = try status(of: place, in: directory) else { continue }
        let inode = DestinationInode(status)
        guard let found = known[inode], (status.kind == .directory) == found.isDirectory else {
          continue
        }
        if stagedInodes.contains(inode) { foundStaged.insert(inode) }
        tree.add(place, to: found.id, isDirectory: found.isDirectory)
      }
      if later.count == rest.count { return }
      rest = later
    }
  }

  private func directory(
    _ id: ObjectID, _ tree: DestinationTree, _ destination: Destination
  ) throws(Errno) -> Int32? {
    do throws(Errno) {
      return try destination.directory(id, in: tree)
    } catch .noSuchFileOrDirectory {
      return nil
    } catch .notDirectory {
      return nil
    }
  }

  private func status(of place: Link, in directory: Int32) throws(Errno) -> FileStatus? {
    do throws(Errno) {
      return try withCString(Destination.name(place)) { name throws(Errno) in
        try FileStatus.of(name, in: directory)
      }
    } catch .noSuchFileOrDirectory {
      return nil
    }
  }
}
