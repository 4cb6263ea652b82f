import LinuxSystem
import SystemPackage
import Tree

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
    staging.nests = destination != nil && files.count + others.count >= Self.nestedMin
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
    let object = owed[id]!
    guard let destination else {
      staging.note(id, Staging.Made(isDirectory: object.isDirectory))
      return
    }
    meter?.note(object: { path(of: id) })
    let nest = staging.nest(for: object)
    do throws(Stager.Failure) {
      let place = try place(for: nest, staging, otherwise: destination.park.raw, on: bench)
      let made = try removingStale(id, nest, in: place) { name throws(Stager.Failure) in
        try bench.stager.make(name, object, in: place, &bench.setter)
      }
      staging.note(
        id, Staging.Made(isDirectory: object.isDirectory, place: made.place, nest: nest))
      note(id, made.outcome)
    } catch {
      try fail(id, error)
    }
  }

  /// Makes regular files whose content is due and not there yet.
  private func stageFiles(_ ids: [ObjectID], _ staging: inout Staging) throws(ReplayError) {
    var wanted: [WantedFile] = []
    for id in ids {
      if try adopt(id) { continue }
      if isContentThere(id) { continue }
      if seemsThere(id) {
        owed[id]!.work.remove(.content)
        continue
      }
      guard hasPlace(id, staging) else { continue }
      if destination == nil {
        staging.note(id, Staging.Made(isDirectory: false))
      } else {
        let isNew = !tree.contains(id)
        wanted.append(WantedFile(id: id, nest: isNew ? staging.nest(for: owed[id]!) : nil))
      }
    }
    if wanted.isEmpty { return }
    let files = makeFiles(wanted, staging)
    var copied: [CopiedContent] = []
    // First what was made, so that it can be discarded if the rest ends the run.
    for file in files {
      guard case .made(let made) = file.outcome, !keepsPresent(file.id, made) else { continue }
      staging.note(file.id, Staging.Made(isDirectory: false, place: made.place, nest: file.nest))
      staging.files.append(file.id)
      note(file.id, made.outcome)
      bytesCopied += made.bytesCopied
      if let content = made.copied { copied.append(content) }
      owed[file.id]!.copied = made.isTorn ? nil : made.newer
      owed[file.id]!.problem = made.newer == nil ? nil : .newer
    }
    destination?.copied.add(copied)
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
      staging.isStaged($0) || (tree.contains($0.parent) && tree.isDirectory($0.parent))
    }
  }

  /// The directory in which an object is made.
  func place(
    for nest: Staging.Nest?, _ staging: Staging, otherwise park: Int32, on bench: StagingBench
  ) throws(Stager.Failure) -> Int32 {
    guard let nest else { return park }
    do { return try stagingDirectory(nest, staging, on: bench) } catch { throw .failed(error) }
  }

  /// Makes something under its name, and once more where something of a dead run has its staging name.
  func removingStale(
    _ id: ObjectID, _ nest: Staging.Nest?, in place: Int32,
    _ body: (_ name: [UInt8]) throws(Stager.Failure) -> Stager.Made
  ) throws(Stager.Failure) -> Stager.Made {
    let name = (nest?.link ?? .staged(id)).name.bytes
    do throws(Stager.Failure) {
      return try body(name)
    } catch .failed(.fileExists) {
      // In a new directory it is another object's: the journal, or a destination that takes two names for
      // one, contradicts itself.
      if nest != nil { throw .failed(.fileExists) }
      Destination.removeStaged(name, in: place)
      return try body(name)
    } catch {
      Destination.removeStaged(name, in: place)
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
