import LinuxSystem
import SystemPackage
import Tree

/// Flags that forbid changes are set last, because what has them cannot be renamed, linked, written or removed, and
/// cleared where a plan changes what has them. They are looked for only when something is not permitted, and
/// before attributes are set: what is without flags costs nothing.
///
/// A run that is killed in between leaves the file `unsealed` (see `Unsealed`): the next one sets the attributes of
/// what that names as the journal says. A version has no such flag, for it would keep others from letting it go.
extension Replayer {
  /// Begins a plan that may have to clear flags.
  func beginSealing(_ candidates: [ObjectID]) {
    guard let destination else { return }
    sealing.candidates = candidates
    destination.willClearFlags = { [unowned self] status throws(Errno) in
      try noteClearing()
      let place = DestinationInode(status)
      if sealing.cleared[place] == nil { sealing.cleared[place] = status.flags.intersection(.forbidding) }
    }
  }

  /// Writes down what flags may be cleared of, before the first is.
  private func noteClearing() throws(Errno) {
    guard let destination else { return }
    var concerned = sealing.concerned
    for id in sealing.candidates {
      concerned.insert(id)
      for link in tree.links(of: id) { concerned.insert(link.parent) }
      for link in owed[id]?.links ?? [] { concerned.insert(link.parent) }
    }
    if sealing.isNoted, concerned == sealing.concerned { return }
    try Unsealed.write(concerned, in: destination.own.raw, syncing: options.sync == .commit)
    sealing.concerned = concerned
    sealing.candidates = []
    sealing.isNoted = true
  }

  /// Takes in what setting an object's attributes has shown.
  func note(_ id: ObjectID, _ outcome: SetOutcome) {
    losses.note(id, outcome)
    guard let flags = outcome.sealing else { return }
    if !flags.isEmpty || sealing.isNeeded { sealing.wanted[id] = flags }
  }

  /// Sets the flags that forbid changes, after all else.
  func seal() throws(ReplayError) {
    guard let destination, sealing.isNeeded else { return }
    destination.willClearFlags = nil
    do throws(Errno) {
      var late: [ObjectID: InodeFlags] = [:]
      var isChanged = sealing.isNoted
      for id in sealing.concerned.union(sealing.wanted.keys).sorted() {
        switch try seal(id, destination) {
        case .nothing: break
        case .sealed: isChanged = true
        case .late(let flags): late[id] = flags
        }
      }
      if isChanged, options.sync == .commit { try FileBytes.syncFilesystem(destination.root.raw) }
      if late.isEmpty, sealing.isNoted { try removeUnsealed(destination) }
      let isNoted = sealing.isNoted && !late.isEmpty
      sealing = Sealing(wanted: late, concerned: isNoted ? Set(late.keys) : [], isNoted: isNoted)
    } catch {
      throw .destination(error, what: "set the flags that forbid changes")
    }
  }

  private func removeUnsealed(_ destination: Destination) throws(Errno) {
    do throws(Errno) {
      try Names.removeFile("unsealed", in: destination.own.raw)
    } catch .noSuchFileOrDirectory {
    } catch .isDirectory {
      try destination.moveToForeign(Array("unsealed".utf8), in: destination.own.raw)
    }
  }

  private enum Outcome {
    case nothing
    case sealed
    /// It cannot have them as it is now.
    case late(InodeFlags)
  }

  private func seal(_ id: ObjectID, _ destination: Destination) throws(Errno) -> Outcome {
    guard id == .root || tree.contains(id) else { return .nothing }
    let isDirectory = tree.isDirectory(id)
    let links = tree.links(of: id)
    let opened: Descriptor
    do throws(Errno) {
      if isDirectory {
        opened = try Descriptor.open(".", in: try destination.directory(id, in: tree), .walk)
      } else {
        guard let link = links.first else { return .nothing }
        let directory = try destination.directory(link.parent, in: tree)
        opened = try withCString(Destination.name(link)) { name throws(Errno) in
          try Descriptor.open(beneath: directory, path: name, .look)
        }
      }
    } catch .noSuchFileOrDirectory {
      return .nothing  // somebody took it away: a scrub tells
    } catch .notDirectory {
      return .nothing
    }
    let status = try FileStatus.of(opened.raw)
    guard status.kind == (isDirectory ? .directory : .regular),
      let flags = sealing.wanted[id] ?? sealing.cleared[DestinationInode(status)],
      !flags.isSubset(of: status.flags)
    else { return .nothing }
    // It is in the way of a later plan; or one of its names has new content and another has not, and what
    // was taken from the first is a version.
    if links.contains(where: { $0.parent == .park }) { return .late(flags) }
    if owed[id]?.problem != nil, !isDirectory, Int(status.linkCount) > links.count { return .late(flags) }
    losses.note(id, try bench.setter.seal(opened.raw, flags))
    return .sealed
  }

  /// What an interrupted run may have left without its flags is to have its attributes set again.
  ///
  /// - Returns: false when it is not known what that is: then only a look at every object can tell.
  func oweUnsealed() throws(ReplayError) -> Bool {
    guard let destination, let cursor = applied else { return true }
    let ids: Set<ObjectID>
    do { ids = try Unsealed.read(in: destination.own.raw) } catch { return false }
    try oweAttributes(of: ids.filter { ($0 == .root || tree.contains($0)) && owed[$0] == nil }, upTo: cursor)
    return true
  }
}
