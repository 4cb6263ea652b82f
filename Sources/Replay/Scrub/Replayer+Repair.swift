import Journal
import LinuxSystem
import SystemPackage
import Tree

/// What a scrub suspects is looked at once more, and what is wrong is owed again: the next plan makes it anew.
extension Replayer {
  /// Looks at suspects, and repairs them from the journal and the source.
  ///
  /// - Returns: what came of each, in the same order.
  package func repair(
    _ suspects: [ScrubSuspect]
  ) throws(ReplayError) -> [ScrubFinding.Outcome] {
    try releasingOnError { () throws(ReplayError) in
      try reopen()
      // What an interrupted plan was about comes first: until then it is not known what must be.
      while let end = recovered { _ = try step(upTo: end.sequence) }
      batch.removeAll(keepingCapacity: true)
      guard let cursor = applied, adopts == .no, destination != nil else {
        return suspects.map { _ in .left("the first copy is not complete") }
      }
      return try repair(suspects, upTo: cursor)
    }
  }

  private func repair(
    _ suspects: [ScrubSuspect], upTo cursor: Cursor
  ) throws(ReplayError) -> [ScrubFinding.Outcome] {
    var strange: [ScrubSuspect: ScrubFinding.Outcome] = [:]
    for suspect in try stillForeign(suspects) { strange[suspect] = putAside(suspect) }
    try seal()
    var ours = Set(suspects.filter { $0.what != .foreign }.map(\.id)).filter {
      $0 == .root || tree.contains($0) || owed[$0] != nil
    }
    var lost = ours.filter { isMissing($0) }
    if lost.contains(where: { tree.isDirectory($0) }) { addInside(&lost) }
    ours.formUnion(lost)
    let inDoubt = Set(suspects.filter(\.isContent).map(\.id)).union(lost)
    let before = places(of: ours)
    let wrong = try owe(ours, lost, inDoubt, upTo: cursor)
    edited = Set(suspects.filter { $0.what == .edited }.map(\.id))
    defer { edited = [] }
    if !wrong.isEmpty {
      // First that it is owed: a plan that is interrupted knows no more of its objects than where they are.
      try recordApplied()
      try apply(wrong, nil)
      try recordApplied()
    }
    return suspects.map { suspect in
      if suspect.what == .foreign { return strange[suspect] ?? .sound }
      guard ours.contains(suspect.id) else { return .sound }
      if let object = owed[suspect.id], !object.work.isEmpty || object.problem != nil {
        return .pending(object.problem ?? .pending)
      }
      guard wrong.contains(suspect.id) else { return .sound }
      // Content that turned out to be that of the source is still in the same file.
      let isSame = before[suspect.id] == place(of: suspect.id)
      return suspect.isContent && isSame ? .sound : .repaired
    }
  }

  // MARK: What is wrong

  private func isMissing(_ id: ObjectID) -> Bool {
    guard let destination, id != .root, tree.contains(id) else { return false }
    return tree.links(of: id).contains { link in
      guard let status = find(link, destination) else { return true }
      return tree.isDirectory(id) != (status.kind == .directory)
    }
  }

  /// With a directory all that lies in it is gone.
  private func addInside(_ lost: inout Set<ObjectID>) {
    var children: [ObjectID: [ObjectID]] = [:]
    tree.forEachLink { id, link in children[link.parent, default: []].append(id) }
    var waiting = Array(lost)
    while let id = waiting.popLast() {
      for child in children[id] ?? [] where lost.insert(child).inserted { waiting.append(child) }
    }
  }

  private func place(of id: ObjectID) -> DestinationInode? {
    guard let destination, let link = tree.link(of: id) else { return nil }
    return find(link, destination).map { DestinationInode($0) }
  }

  private func places(of ids: Set<ObjectID>) -> [ObjectID: DestinationInode] {
    var places: [ObjectID: DestinationInode] = [:]
    for id in ids { places[id] = place(of: id) }
    return places
  }

  /// Has what is wrong owed.
  ///
  /// - Returns: the objects that are owed now.
  private func owe(
    _ ids: Set<ObjectID>, _ missing: Set<ObjectID>, _ inDoubt: Set<ObjectID>, upTo cursor: Cursor
  ) throws(ReplayError) -> Set<ObjectID> {
    var lost = missing
    // What is owed already is on its way, and takes the doubt along.
    let fresh = ids.filter { owed[$0] == nil }
    for id in fresh {
      owed[id] = OwedObject(
        isDirectory: tree.isDirectory(id), links: [],
        attributes: Attributes(mode: 0, uid: 0, gid: 0, modified: .zero), changed: .zero)
    }
    if !fresh.isEmpty {
      // Reading the journal anew, it goes on after what is applied.
      forgetRead()
      try absorbAgain(fresh, upTo: cursor)
    }
    var wrong: Set<ObjectID> = []
    for id in ids {
      guard let object = owed[id], !object.isRemoved else { continue }
      if fresh.contains(id) {
        guard id == .root || isSame(object.links, tree.links(of: id)) else {
          owed[id] = nil
          continue
        }
        owed[id]!.work = [.attributes, .extendedAttributes, .suspect]
        if isOther(id, object) { lost.insert(id) }
        if !lost.contains(id), !inDoubt.contains(id), hasAttributes(object, id) {
          owed[id] = nil
          continue
        }
      }
      if inDoubt.contains(id), object.attributes.kind == .regular,
        object.work.isDisjoint(with: .unsettled)
      {
        owed[id]!.work.formUnion([.content, .suspect])
      }
      wrong.insert(id)
    }
    forget(lost)
    return wrong
  }

  /// Whether something else has one of an object's names: another kind of object, another link or device.
  private func isOther(_ id: ObjectID, _ object: OwedObject) -> Bool {
    guard let destination, id != .root else { return false }
    return tree.links(of: id).contains { link in
      find(link, destination).map { !isIt($0, at: link, object, destination) } ?? false
    }
  }

  private func isIt(
    _ status: FileStatus, at link: Link, _ object: OwedObject, _ destination: Destination
  ) -> Bool {
    guard status.kind == object.attributes.kind, status.specialDevice == object.attributes.device else {
      return false
    }
    guard status.kind == .symbolicLink else { return true }
    guard let directory = try? destination.directory(link.parent, in: tree) else { return false }
    return withCString(Destination.name(link)) { (try? Names.target(of: $0, in: directory)) == object.target }
  }

  /// Whether an object has the attributes that it must have.
  private func hasAttributes(_ object: OwedObject, _ id: ObjectID) -> Bool {
    guard let destination else { return false }
    return withOpened(id, destination) { opened in
      ScrubAttributes.areEqual(opened, object)
    } ?? false
  }

  private func withOpened(
    _ id: ObjectID, _ destination: Destination, _ body: (Int32) -> Bool
  ) -> Bool? {
    if tree.isDirectory(id) || id == .root {
      guard let directory = try? destination.directory(id, in: tree) else { return nil }
      return body(directory)
    }
    guard let link = tree.link(of: id),
      let directory = try? destination.directory(link.parent, in: tree),
      let opened = try? withCString(Destination.name(link), { name throws(Errno) in
        try Descriptor.open(beneath: directory, path: name, .look)
      })
    else { return nil }
    return body(opened.raw)
  }

  /// What is not there is made: it has no place until then.
  private func forget(_ lost: Set<ObjectID>) {
    guard let destination, !lost.isEmpty else { return }
    var kept: [ObjectID: [Link]] = [:]
    for id in lost where !tree.isDirectory(id) {
      kept[id] = tree.links(of: id).filter { link in
        guard !lost.contains(link.parent), let status = find(link, destination), let object = owed[id] else {
          return false
        }
        return isIt(status, at: link, object, destination)
      }
    }
    for id in lost {
      destination.forget(id)
      tree.unplace(id)
    }
    for (id, links) in kept { for link in links { tree.add(link, to: id, isDirectory: false) } }
    for id in lost where !tree.contains(id) {
      tree.remove(id)
      guard let object = owed[id], !object.isRemoved else { continue }
      owed[id]!.work.formUnion([.make, .attributes, .extendedAttributes])
      if object.attributes.kind == .regular { owed[id]!.work.insert(.content) }
    }
  }

  // MARK: What is foreign

  /// What nothing of ours has come to be in the meantime.
  private func stillForeign(_ suspects: [ScrubSuspect]) throws(ReplayError) -> [ScrubSuspect] {
    let wanted = suspects.filter { suspect in
      suspect.what == .foreign && (suspect.id == .root || tree.contains(suspect.id))
        && tree.isDirectory(suspect.id)
    }
    if wanted.isEmpty { return [] }
    let parents = Set(wanted.map(\.id))
    var known: Set<ScrubSuspect> = []
    tree.forEachLink { id, link in
      guard parents.contains(link.parent) else { return }
      known.insert(ScrubSuspect(what: .foreign, id: link.parent, name: Destination.name(link)))
    }
    return wanted.filter { !known.contains($0) }
  }

  private func putAside(_ suspect: ScrubSuspect) -> ScrubFinding.Outcome {
    guard let destination else { return .sound }
    if suspect.id == .root, RootNames.inSource(suspect.name) == nil { return .sound }
    do throws(Errno) {
      let directory = try destination.directory(suspect.id, in: tree)
      let listing = try Descriptor.open(".", in: directory, .list)
      let modified = try FileStatus.of(listing.raw).modified
      options.onStep?(ReplayStep(operation: .foreign, path: suspect.name))
      beginSealing([suspect.id])
      owesSync = true
      try destination.moveToForeign(suspect.name, in: listing.raw)
      _ = try bench.setter.setModified(listing.raw, modified)
      return .repaired
    } catch .noSuchFileOrDirectory {
      return .sound
    } catch {
      return .pending(.failed(error))
    }
  }
}
