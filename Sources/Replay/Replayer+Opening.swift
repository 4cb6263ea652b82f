import Journal
import LinuxSystem
import SystemPackage
import Tree

extension Replayer {
  /// Opens the destination, finds out what it holds, and places the journal after that.
  func open() throws(ReplayError) {
    tree = DestinationTree()
    owed = [:]
    held = [:]
    losses = LossRecord()
    sealing = Sealing()
    applied = nil
    recovered = nil
    adopts = .no
    adoptedInodes = [:]
    forgetRead()
    let journalID = journal.id.bytes
    let finding = try Destination.inspect(destinationPath)
    try checkIsBack(finding)
    var takesOver = false
    switch finding {
    case .empty: break
    case .foreign:
      guard options.adopt != .no else { throw .notEmpty }
      adopts = options.adopt
    case .ours(let identity):
      if identity.journal != journalID {
        guard options.adopt != .no else { throw .otherJournal }
        adopts = options.adopt
        takesOver = true
      }
    }
    if options.dryRun {
      try openDry(finding)
      return
    }
    let opened = try Destination(
      destinationPath, identity: .make(journal: journalID), takesOver: takesOver)
    let state =
      HistoryLog.exists(in: opened.own.raw) && !takesOver
      ? try HistoryLog.readState(in: opened.own.raw) : HistoryLog.State()
    try openVersions(opened)
    took(opened, try openLog(opened))
    remember(opened)
    try resume(state)
  }

  /// A dry run reads the destination's log and takes no lock.
  private func openDry(_ finding: Destination.Finding) throws(ReplayError) {
    guard case .ours = finding, adopts == .no else { return try seekToStart() }
    do throws(Errno) {
      let root = try Descriptor.open(given: destinationPath, .listPlace)
      let own = try Descriptor.open(".treeline", in: root.raw, .list)
      guard HistoryLog.exists(in: own.raw) else { return try seekDry() }
      let state: HistoryLog.State
      do throws(ReplayError) { state = try HistoryLog.readState(in: own.raw) } catch {
        throw Errno.badMessage
      }
      guard let record = state.applied, !record.isAdopting else { return try seekDry() }
      do throws(ReplayError) { try load(record) } catch { throw Errno.badMessage }
      lookedAt = consume root
    } catch {
      throw .unavailable(error)
    }
  }

  private func seekDry() throws(Errno) {
    do throws(ReplayError) { try seekToStart() } catch { throw Errno.badMessage }
  }

  /// Goes on from what a destination's log says.
  private func resume(_ state: HistoryLog.State) throws(ReplayError) {
    if let destination { sealing.isNoted = Unsealed.isThere(in: destination.own.raw) }
    guard adopts == .no else { return try beginAdoption() }
    guard let record = state.applied else {
      // Nothing was finished: a plan that was begun is observed all the same.
      discardLosses()
      try seekToStart()
      try recover(state)
      return
    }
    if record.isAdopting {
      adopts = options.adopt == .no ? .checksum : options.adopt
      return try beginAdoption()
    }
    if isDropped(record) {
      // What it lacks is not told any more, so what it has may only be compared: a person says so.
      guard options.adopt != .no else { throw .journal(.dropped(upTo: journal.oldest.sequence)) }
      adopts = options.adopt
      return try beginAdoption()
    }
    guard try load(record), let destination, readLosses(record, in: destination.own.raw) else {
      // The journal is not the one that was applied, or what could not be held is not known any more:
      // compared anew, by content unless told otherwise.
      adopts = options.adopt == .no ? .checksum : options.adopt
      return try beginAdoption()
    }
    try retryLosses()
    guard try oweUnsealed() else {
      adopts = options.adopt == .no ? .checksum : options.adopt
      return try beginAdoption()
    }
    try recover(state)
  }

  /// Begins with the first commit, or, where that was dropped, with a checkpoint: the tree that it holds is
  /// taken over as a whole or not at all.
  func seekToStart() throws(ReplayError) {
    let isFromStart: Bool
    do { isFromStart = try journal.seek(after: Sequence.zero) } catch { throw .journal(error) }
    if isFromStart { return }
    adopts = options.adopt == .no ? .checksum : options.adopt
    try beginAdoption()
  }

  /// Whether the commits after those that were applied are not there any more.
  private func isDropped(_ record: AppliedRecord) -> Bool {
    record.journal == journal.id.bytes && record.sequence < journal.oldest.sequence.rawValue
  }

  // MARK: The tree

  /// Builds the tree that a record describes, and places the journal after it.
  ///
  /// - Returns: false when the journal does not hold that commit.
  @discardableResult
  func load(_ record: AppliedRecord) throws(ReplayError) -> Bool {
    let cursor = Cursor(
      journal: JournalID(record.journal), sequence: Sequence(record.sequence),
      chain: ChainValue(record.chain))
    do throws(JournalError) {
      guard try journal.seek(after: cursor) else { return false }
    } catch {
      throw .journal(error)
    }
    var entries: [ObjectID: AppliedRecord.Entry] = [:]
    for entry in record.entries { entries[entry.id] = entry }
    try loadTree(upTo: cursor, entries)
    for entry in record.entries {
      tree.set(entry.current, of: entry.id, isDirectory: entry.isDirectory)
      if owed[entry.id] == nil {
        // It is not in the source any more, and could not be removed.
        var gone = OwedObject(
          isDirectory: entry.isDirectory, links: [],
          attributes: Attributes(mode: 0, uid: 0, gid: 0, modified: .zero), changed: .zero, work: [])
        gone.isRemoved = true
        owed[entry.id] = gone
      }
      owed[entry.id]!.work = entry.work
      owed[entry.id]!.problem = entry.reason
      owed[entry.id]!.copied = entry.copied
      held[entry.id] = entry.heldUpTo
    }
    applied = cursor
    return true
  }

  /// The newest checkpoint composed forward to a commit.
  private func loadTree(
    upTo cursor: Cursor, _ entries: [ObjectID: AppliedRecord.Entry]
  ) throws(ReplayError) {
    try forEachChangeSet(upTo: cursor) { changes throws(ReplayError) in
      try take(loading: changes, entries)
    }
  }

  /// Reads what stood at a commit, and places the journal after it.
  func forEachChangeSet(
    upTo cursor: Cursor, _ body: (ChangeSet) throws(ReplayError) -> Void
  ) throws(ReplayError) {
    try journal.forEachChangeSet(upTo: cursor, body)
    do throws(JournalError) { _ = try journal.seek(after: cursor) } catch { throw .journal(error) }
  }

  /// What the journal says of some objects that are at the destination is owed again.
  func absorbAgain(_ ids: Set<ObjectID>, upTo cursor: Cursor) throws(ReplayError) {
    try forEachChangeSet(upTo: cursor) { changes throws(ReplayError) in
      var some = ChangeSet()
      some.bytes = changes.bytes
      for change in changes.objects where ids.contains(change.id) { some.take(change, from: changes) }
      if !some.objects.isEmpty { try absorb(some) }
    }
  }

  /// What was applied is there, but for the exceptions.
  private func take(
    loading changes: ChangeSet, _ entries: [ObjectID: AppliedRecord.Entry]
  ) throws(ReplayError) {
    var exceptions = ChangeSet()
    exceptions.bytes = entries.isEmpty ? [] : changes.bytes
    try tree.take(changes) { change in
      if entries[change.id] == nil { return true }
      exceptions.take(change, from: changes)
      return false
    }
    if !exceptions.objects.isEmpty { try absorb(exceptions) }
  }
}

extension ChangeSet {
  /// Adds an object of another set, whose bytes this one has too.
  fileprivate mutating func take(_ change: ObjectChange, from other: ChangeSet) {
    var copy = change
    copy.firstLink = UInt32(links.count)
    links.append(contentsOf: other.links(of: change))
    objects.append(copy)
  }
}
