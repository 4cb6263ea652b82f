import Journal
import LinuxSystem
import SystemPackage
import Tree

/// Taking over what is at a destination already: because a person asked for it, or because the journal
/// is not the one that was applied here.
///
/// The wanted tree comes as created objects, parents first. What is found under an object's name and
/// equals it becomes the object; what does not is moved to `foreign` when its place is needed; at the
/// end what no object has is moved there as well. Nothing is deleted.
extension Replayer {
  /// Starts from an empty tree and the newest checkpoint.
  func beginAdoption() throws(ReplayError) {
    guard let destination else { return try seekToCheckpoint() }
    tree = DestinationTree()
    owed = [:]
    held = [:]
    applied = nil
    discardLosses()
    do throws(Errno) {
      try destination.removeStaleStaging()
      var names: [[UInt8]] = []
      let park = try Descriptor.open(".", in: destination.park.raw, .list)
      try forEachName(in: park.raw) { name, _ in
        names.append(name)
        return true
      }
      for name in names { try destination.moveToForeign(name, in: destination.park.raw) }
    } catch {
      throw .destination(error, what: "tidy the park")
    }
    try seekToCheckpoint()
    // From here on the log says that this is not finished.
    try history?.append(
      AppliedRecord(
        journal: journal.id.bytes, sequence: 0, chain: 0, isAdopting: true,
        lossPoint: nil, entries: []))
    try history?.sync()
  }

  private func seekToCheckpoint() throws(ReplayError) {
    do throws(JournalError) {
      checkpoint = try journal.checkpoint(atOrBefore: options.until)
      guard try journal.seek(after: checkpoint?.cursor.sequence ?? .zero) else {
        throw .dropped(upTo: journal.oldest.sequence)
      }
    } catch {
      throw .journal(error)
    }
  }

  /// Takes what is at the destination for an object that is to be made, if it equals it.
  func adopt(_ id: ObjectID) throws(ReplayError) -> Bool {
    guard adopts != .no, let destination, let object = owed[id], object.work.contains(.make),
      !tree.contains(id)
    else { return false }
    for link in object.links where tree.contains(link.parent) {
      guard let status = find(link, destination), isEqual(object, link, status, destination) else {
        continue
      }
      if !object.isDirectory, status.linkCount > 1 {
        // Two files of the source must not become one.
        if let other = adoptedInodes[DestinationInode(status)], other != id { continue }
        if !tree.links(of: id).isEmpty, adoptedInodes[DestinationInode(status)] != id { continue }
        adoptedInodes[DestinationInode(status)] = id
      } else if tree.contains(id) {
        continue
      }
      options.onStep?(ReplayStep(operation: .adopt, path: path(of: link)))
      tree.add(link, to: id, isDirectory: object.isDirectory)
    }
    guard tree.contains(id) else { return false }
    owed[id]!.work.subtract([.make, .content])
    owed[id]!.work.formUnion([.attributes, .extendedAttributes])
    if owed[id]!.extendedAttributes == nil { owed[id]!.extendedAttributes = [] }
    return true
  }

  func find(_ link: Link, _ destination: Destination) -> FileStatus? {
    guard let directory = try? destination.directory(link.parent, in: tree) else { return nil }
    return withCString(Destination.name(link)) { try? FileStatus.of($0, in: directory) }
  }

  private func isEqual(
    _ object: OwedObject, _ link: Link, _ status: FileStatus, _ destination: Destination
  ) -> Bool {
    guard status.kind == object.attributes.kind else { return false }
    switch status.kind {
    case .directory, .fifo, .socket:
      return true
    case .characterDevice, .blockDevice:
      return status.specialDevice == object.attributes.device
    case .symbolicLink:
      guard let directory = try? destination.directory(link.parent, in: tree) else { return false }
      return withCString(Destination.name(link)) {
        (try? Names.target(of: $0, in: directory)) == object.target
      }
    case .regular:
      guard status.sizeBytes == object.attributes.sizeBytes else { return false }
      if adopts == .times { return status.modified == object.attributes.modified }
      return hasEqualContent(object, link, destination)
    case .unknown:
      return false
    }
  }

  func hasEqualContent(
    _ object: OwedObject, _ link: Link, _ destination: Destination
  ) -> Bool {
    guard let directory = try? destination.directory(link.parent, in: tree),
      let copy = try? withCString(Destination.name(link), { name throws(Errno) in
        try Descriptor.open(beneath: directory, path: name, .content)
      }),
      let opened = try? openContent(object, on: bench)
    else { return false }
    let source = opened
    guard let before = try? FileStatus.of(source.raw), ContentStamp(before) == object.stamp,
      (try? equalContent(source.raw, copy.raw)) == true,
      let after = try? FileStatus.of(source.raw)
    else { return false }
    return ContentStamp(after) == object.stamp
  }

  /// Moves away what no object has, and calls the destination ours.
  func finishAdoption() throws(ReplayError) {
    if let destination {
      owesSync = true
      do throws(Errno) { try sweep(destination) } catch {
        throw .destination(error, what: "move away what is not in the source")
      }
      try seal()
    }
    adopts = .no
    adoptedInodes = [:]
    mustWriteTree = true
  }

  private func sweep(_ destination: Destination) throws(Errno) {
    var children: [ObjectID: [Name: ObjectID]] = [:]
    tree.forEachLink { id, link in children[link.parent, default: [:]][link.name] = id }
    var directories: [ObjectID] = [.root]
    while let id = directories.popLast() {
      let known = children.removeValue(forKey: id) ?? [:]
      let directory = try destination.directory(id, in: tree)
      let listing = try Descriptor.open(".", in: directory, .list)
      var strange: [[UInt8]] = []
      try forEachName(in: listing.raw) { name, _ in
        let inner = id == .root ? RootNames.inSource(name) : name
        if let inner, known[Name(inner)] == nil, inner != Array("lost+found".utf8) || id != .root {
          strange.append(name)
        }
        return true
      }
      if !strange.isEmpty {
        let before = try FileStatus.of(listing.raw).modified
        beginSealing([id])
        for name in strange {
          options.onStep?(ReplayStep(operation: .foreign, path: name))
          try destination.moveToForeign(name, in: listing.raw)
        }
        _ = try bench.setter.setModified(listing.raw, before)
      }
      for child in known.values where tree.isDirectory(child) { directories.append(child) }
    }
  }
}
