import LinuxSystem
import SystemPackage
import Tree

/// What was made in the park for one batch.
struct Staging {
  struct Made {
    var isDirectory: Bool
    /// nil in a dry run.
    var place: DestinationInode?
  }

  var made: [ObjectID: Made] = [:]
  /// Regular files among them.
  var files: [ObjectID] = []
}

extension Replayer {
  /// Makes what is new or has new content, directories before what lies in them.
  func stage(_ candidates: [ObjectID], _ staging: inout Staging) throws(ReplayError) {
    var directories: [(id: ObjectID, depth: Int)] = []
    var files: [ObjectID] = []
    var others: [ObjectID] = []
    for id in candidates {
      guard let object = owed[id], !object.isRemoved, !object.links.isEmpty else { continue }
      if object.isDirectory {
        guard object.work.contains(.make), !tree.contains(id), let depth = wantedDepth(id) else {
          continue
        }
        directories.append((id, depth))
      } else if object.attributes.kind == .regular {
        if isCopyDue(object) { files.append(id) }
      } else if object.work.contains(.make) {
        others.append(id)
      }
    }
    directories.sort { $0.depth < $1.depth }
    for (id, _) in directories { try stageNode(id, &staging) }
    for id in others { try stageNode(id, &staging) }
    try stageFiles(files, &staging)
    for id in candidates where owed[id]?.lacksExtendedAttributes == true {
      if staging.made[id] == nil { try askExtendedAttributes(id) }
    }
  }

  /// Asks the source for extended attributes that the journal does not tell.
  private func askExtendedAttributes(_ id: ObjectID) throws(ReplayError) {
    guard let object = owed[id], object.attributes.kind == .regular, object.problem != .newer else {
      return
    }
    do throws(Stager.Failure) {
      guard let file = try openContent(object, on: bench) else { throw Stager.Failure.pending }
      owed[id]!.extendedAttributes = try bench.stager.extendedAttributes(of: object, from: file.raw)
    } catch {
      try fail(id, error)
    }
  }

  /// Whether content can be copied: it has settled, and is not there yet in this or a newer state.
  private func isCopyDue(_ object: OwedObject) -> Bool {
    if object.work.contains(.content) { return true }
    // A newer state whose commit never came is compared with the source again.
    return object.problem == .newer
  }

  private func stageNode(_ id: ObjectID, _ staging: inout Staging) throws(ReplayError) {
    if try adopt(id) { return }
    guard hasPlace(id, staging) else { return }
    guard let destination else {
      staging.made[id] = Staging.Made(isDirectory: owed[id]!.isDirectory, place: nil)
      return
    }
    meter?.note(object: { path(of: id) })
    do throws(Stager.Failure) {
      let made = try removingStale(id, in: destination.park.raw) { () throws(Stager.Failure) in
        try bench.stager.make(id, owed[id]!, in: destination.park.raw, &bench.setter)
      }
      staging.made[id] = Staging.Made(isDirectory: owed[id]!.isDirectory, place: made.place)
      losses.note(id, made.outcome)
    } catch {
      try fail(id, error)
    }
  }

  /// Makes regular files whose content is due and not there yet.
  private func stageFiles(_ ids: [ObjectID], _ staging: inout Staging) throws(ReplayError) {
    var wanted: [ObjectID] = []
    for id in ids {
      if try adopt(id) { continue }
      if isContentThere(id) { continue }
      guard hasPlace(id, staging) else { continue }
      if destination == nil {
        staging.made[id] = Staging.Made(isDirectory: false, place: nil)
      } else {
        wanted.append(id)
      }
    }
    if wanted.isEmpty { return }
    let files = makeFiles(wanted)
    // First what was made, so that it can be discarded if the rest ends the run.
    for file in files {
      guard case .made(let made) = file.outcome, !keepsPresent(file.id, made) else { continue }
      staging.made[file.id] = Staging.Made(isDirectory: false, place: made.place)
      staging.files.append(file.id)
      losses.note(file.id, made.outcome)
      bytesCopied += made.bytesCopied
      owed[file.id]!.copied = made.isTorn ? nil : made.newer
      owed[file.id]!.problem = made.newer == nil ? nil : .newer
    }
    for file in files {
      if case .failed(let failure) = file.outcome { try fail(file.id, failure) }
    }
  }

  /// From this size on reading both sides is better than writing one, even where the times differ.
  private static var compareBytesMin: UInt64 { 1 << 20 }

  /// Whether content that was only suspect is at the destination already: it is compared where size
  /// and time say that it may be, and written only where it differs.
  private func isContentThere(_ id: ObjectID) -> Bool {
    guard let destination, let object = owed[id], object.work.contains(.content),
      object.work.isDisjoint(with: [.make, .unsettled]), object.problem == nil,
      let link = tree.links(of: id).first, let status = find(link, destination),
      status.kind == .regular, status.sizeBytes == object.attributes.sizeBytes,
      status.modified == object.attributes.modified
        || status.sizeBytes >= Self.compareBytesMin && !isFoundByMaking(status, destination),
      // A kill may have left some of its names with the old content and some with the new.
      tree.links(of: id).allSatisfy({ find($0, destination)?.inode == status.inode }),
      hasEqualContent(object, link, destination)
    else { return false }
    owed[id]!.work.remove(.content)
    if status.modified != object.attributes.modified { owed[id]!.work.insert(.attributes) }
    return true
  }

  /// Whether one of the names that an object must have lies in a directory that is there or staged.
  private func hasPlace(_ id: ObjectID, _ staging: Staging) -> Bool {
    owed[id]!.links.contains {
      staging.made[$0.parent]?.isDirectory == true
        || (tree.contains($0.parent) && tree.isDirectory($0.parent))
    }
  }

  /// Runs a staging once more where something of a dead run has its name.
  func removingStale(
    _ id: ObjectID, in place: Int32, _ body: () throws(Stager.Failure) -> Stager.Made
  ) throws(Stager.Failure) -> Stager.Made {
    do throws(Stager.Failure) {
      return try body()
    } catch .failed(.fileExists) {
      Destination.removeStaged(Link.staged(id).name.bytes, in: place)
      return try body()
    } catch {
      Destination.removeStaged(Link.staged(id).name.bytes, in: place)
      throw error
    }
  }

  private func fail(_ id: ObjectID, _ failure: Stager.Failure) throws(ReplayError) {
    switch failure {
    case .pending:
      owed[id]!.problem = owed[id]!.problem == .newer ? .newer : .pending
    case .unreadable(let errno):
      owed[id]!.problem = .unreadable(errno)
    case .doesNotFit(let errno):
      owed[id]!.problem = .failed(errno)
    case .failed(let errno):
      if isFatal(errno) { throw .destination(errno, what: "make an object") }
      owed[id]!.problem = .failed(errno)
    }
  }

  /// How deep an object must lie; nil when it has no place.
  private func wantedDepth(_ id: ObjectID) -> Int? {
    var depth = 0
    var at = id
    while at != .root {
      guard let link = wantedLink(at), depth < Self.depthMax else { return nil }
      depth += 1
      at = link.parent
    }
    return depth
  }
}
