import LinuxSystem
import SystemPackage
import Tree

/// What a plan takes from the destination is kept in its versions, in the moment before.
extension Replayer {
  /// Opens what is kept, or removes it where nothing is to be kept any more.
  func openVersions(_ destination: Destination) throws(ReplayError) {
    do throws(Errno) {
      if options.versionSeconds == nil {
        try VersionStore.removeAll(in: destination.own.raw)
      } else {
        destination.versions = try VersionStore(in: destination.own.raw, journal: journal.id.bytes)
      }
    } catch {
      throw .destination(error, what: "open what was kept of replaced and removed files")
    }
  }

  func beginVersions() throws(ReplayError) {
    guard let versions = destination?.versions else { return }
    do throws(Errno) {
      // What is taken over moves to `foreign` and is replaced without a trace.
      if adopts != .no { return try versions.beginAnew() }
      try versions.begin(after: applied?.sequence ?? .zero)
    } catch {
      throw .destination(error, what: "note since when replaced and removed files are kept")
    }
  }

  private func heldUpTo(_ id: ObjectID) -> Sequence { held[id] ?? applied?.sequence ?? .zero }

  /// Notes, at the end of a batch and before it counts as applied, which content an object still has that was
  /// to get another one or to go.
  func noteHeld(_ id: ObjectID) {
    guard let object = owed[id],
      object.isRemoved || object.work.contains(.content) || object.problem == .newer
    else {
      if !held.isEmpty { held[id] = nil }
      return
    }
    if held[id] == nil { held[id] = applied?.sequence ?? .zero }
  }

  /// Keeps what is under a name that is about to be taken, if nothing else at the destination is it.
  ///
  /// - Parameter isNew: what takes it is new content.
  func keepVersion(
    of link: Link, takenBy id: ObjectID, isNew: Bool, _ destination: Destination, _ run: VerbRun
  ) throws(Errno) {
    guard adopts == .no, let occupant = run.owner(link) else { return }
    if occupant == id, isNew, let object = owed[id], object.work.contains(.suspect), object.copied == nil {
      // What takes the place is the recorded content, so this was no state of it.
      guard edited.contains(id) else { return }
      return try destination.linkToForeign(
        Destination.name(link), in: try destination.directory(link.parent, in: tree))
    }
    guard let versions = destination.versions else { return }
    let isLost = occupant == id ? isNew : isLastName(link, of: occupant, run)
    guard isLost, !tree.isDirectory(occupant) else { return }
    let directory = try destination.directory(link.parent, in: tree)
    let name = Destination.name(link)
    if isHalfPublished(name, in: directory) { return }
    let last = heldUpTo(occupant)
    try withCString(name) { text throws(Errno) in
      do throws(Errno) {
        try versions.keep(text, in: directory, of: occupant, upTo: last)
      } catch .notPermitted {
        // An immutable file cannot be linked; nor can any where hard links are unknown.
        if destination.clearForbiddingFlags(name, in: directory),
          (try? versions.keep(text, in: directory, of: occupant, upTo: last)) != nil
        {
          return
        }
        try versions.lose(upTo: last)
      }
    }
  }

  /// Moves a file to the versions whose last name is about to go.
  ///
  /// - Returns: whether the name is gone.
  func takeVersion(
    of link: Link, _ id: ObjectID, _ destination: Destination, _ run: VerbRun
  ) throws(Errno) -> Bool {
    guard let versions = destination.versions, adopts == .no, isLastName(link, of: id, run) else {
      return false
    }
    let directory = try destination.directory(link.parent, in: tree)
    let name = Destination.name(link)
    if isHalfPublished(name, in: directory) { return false }
    let last = heldUpTo(id)
    return try withCString(name) { text throws(Errno) in
      do throws(Errno) {
        return try versions.take(text, in: directory, of: id, upTo: last)
      } catch .notPermitted {
        guard destination.clearForbiddingFlags(name, in: directory) else { throw .notPermitted }
        return try versions.take(text, in: directory, of: id, upTo: last)
      }
    }
  }

  /// Whether a name has content that an interrupted plan gave it. The content before that plan is what is kept,
  /// and is under another name of the object or among the versions.
  private func isHalfPublished(_ name: [UInt8], in directory: Int32) -> Bool {
    if halfPublished.isEmpty { return false }
    return withCString(name) { name in
      (try? FileStatus.of(name, in: directory)).map { halfPublished.contains(DestinationInode($0)) } ?? false
    }
  }

  private func isLastName(_ link: Link, of id: ObjectID, _ run: VerbRun) -> Bool {
    tree.links(of: id) == [link] || run.published.contains(id)
  }

  /// Lets go of what is kept longer than is asked for, if the clock is to be believed.
  package func thinVersions(now: Timestamp) throws(ReplayError) {
    guard let age = options.versionSeconds, let versions = destination?.versions else { return }
    do throws(Errno) {
      if options.isClockSteady() { try versions.thin(VersionThinning(now: now, ageSeconds: age)) }
      if let limit = options.versionBytes { try versions.shrink(to: limit) }
    } catch {
      throw .destination(error, what: "remove versions that are old")
    }
  }

  /// Lets go of the oldest versions where a batch may have added more than the room that they are given. All that
  /// is kept is looked at once for each sixteenth of that room.
  func boundVersions() throws(ReplayError) {
    guard let limit = options.versionBytes, let versions = destination?.versions,
      versions.keptBytes > limit / 16
    else { return }
    do throws(Errno) { try versions.shrink(to: limit) } catch {
      throw .destination(error, what: "remove the oldest versions")
    }
  }
}
