import Journal
import LinuxSystem
import SystemPackage
import Tree

/// What a destination can tell of its past, from itself alone: its own log and the versions that it kept.
///
/// It is only read, also while a backup writes to it.
package final class DestinationPast {
  let root: Descriptor
  let own: Descriptor
  private let since: VersionsSince?

  /// Opens a destination.
  package init(_ path: [UInt8]) throws(ReplayError) {
    guard case .ours = try Destination.inspect(path) else { throw .notOurs }
    do throws(Errno) {
      let root = try Descriptor.open(given: path, .listPlace)
      let own = try Descriptor.open(".treeline", in: root.raw, .list)
      since = try Self.readSince(own.raw)
      self.root = root
      self.own = own
    } catch {
      throw .unavailable(error)
    }
  }

  private static func readSince(_ own: Int32) throws(Errno) -> VersionsSince? {
    do throws(Errno) {
      let top = try Descriptor.open(VersionStore.name, in: own, .list)
      return try VersionsSince.read(in: top.raw)
    } catch .noSuchFileOrDirectory {
      return nil
    }
  }

  // MARK: Points

  /// All states that can be had, oldest first, as far as nothing was thinned out.
  package func points() throws(ReplayError) -> [RestorePoint] {
    guard let since else { return [] }
    var points: [RestorePoint] = []
    let trees = try Set(treePlaces())
    let log = try openLog()
    let oldest = log.oldest.sequence
    // Whether all before a commit can be made from what the log has.
    var hasTree = oldest == .zero || trees.contains(oldest)
    do throws(JournalError) { _ = try log.seek(after: oldest) } catch {
      throw .history(error)
    }
    var tail = HistoryTail()
    try advance(log, &tail) { commit, finished in
      if trees.contains(commit.cursor.sequence) { hasTree = true }
      guard let record = finished?.applied else { return }
      if record.isAdopting {
        // What was before is another story, maybe with other numbers.
        hasTree = false
        points.removeAll()
      }
      guard hasTree, record.journal == since.journal, record.isExact,
        record.sequence >= since.sequence.rawValue
      else { return }
      let point = RestorePoint(
        sequence: Sequence(record.sequence), time: commit.header.time,
        unsettledCount: record.entries.count { $0.reason != nil }, place: commit.cursor.sequence)
      // What was tried again and succeeded makes the same point exact.
      if points.last?.sequence == point.sequence { points.removeLast() }
      points.append(point)
    }
    return points
  }

  /// Where the log has the whole tree.
  private func treePlaces() throws(ReplayError) -> [Sequence] {
    let log = try openLog()
    do throws(JournalError) { return try log.checkpointSizes().map(\.number) } catch {
      throw .history(error)
    }
  }

  func openLog() throws(ReplayError) -> JournalReader {
    do throws(JournalError) { return try JournalReader.open(at: HistoryLog.path(own.raw)) } catch {
      throw .history(error)
    }
  }

  /// Reads on to the log's end.
  private func advance(
    _ log: JournalReader, _ tail: inout HistoryTail,
    _ body: (Commit, HistoryTail.Finished?) throws(ReplayError) -> Void
  ) throws(ReplayError) {
    var commit = Commit()
    while true {
      do throws(JournalError) {
        guard try log.next(&commit) else { return }
      } catch {
        throw .history(error)
      }
      let finished: HistoryTail.Finished?
      do throws(PayloadReader.Malformed) { finished = try tail.take(commit) } catch {
        throw .invalidJournal("the destination's log has a mark that is none")
      }
      try body(commit, finished)
    }
  }

  // MARK: Trees

  /// The tree at a point, and where its objects are at the destination now.
  func trees(
    at point: RestorePoint
  ) throws(ReplayError) -> (past: PastTree, present: PastPlaces, unsettled: Set<ObjectID>) {
    var unsettled: Set<ObjectID> = []
    var past = PastTree(namesOnly: false)
    var present = PastPlaces()
    let log = try openLog()
    let checkpoint: CheckpointReader?
    do throws(JournalError) {
      checkpoint = try log.checkpoint(atOrBefore: point.place)
      _ = try log.seek(after: checkpoint?.cursor.sequence ?? .zero)
    } catch {
      throw .history(error)
    }
    var part = ChangeSet()
    while let checkpoint, try next(&part, of: checkpoint) {
      try past.take(part)
      try present.tree.take(part)
    }
    var tail = HistoryTail()
    try advance(log, &tail) { commit, finished throws(ReplayError) in
      guard let finished else { return }
      if finished.applied.isAdopting { return }
      for (changes, intent) in finished.begun {
        // A plan whose commit a power cut took back was never carried out.
        if let end = intent.end, end.sequence.rawValue > finished.applied.sequence { continue }
        for set in changes {
          if commit.cursor.sequence <= point.place { try past.take(set) }
          try present.tree.take(set)
        }
      }
      present.exceptions = finished.applied.entries
      if commit.cursor.sequence == point.place {
        unsettled = Set(finished.applied.entries.lazy.filter { $0.reason != nil }.map(\.id))
      }
    }
    present.begun = tail.state.begun.flatMap(\.intent.entries)
    present.settle()
    return (past, present, unsettled)
  }

  private func next(
    _ part: inout ChangeSet, of checkpoint: CheckpointReader
  ) throws(ReplayError) -> Bool {
    do throws(JournalError) { return try checkpoint.next(&part) } catch { throw .history(error) }
  }

  // MARK: Contents

  /// Which versions hold what objects had at a point: the first that was kept after it.
  func versions(after point: RestorePoint) throws(ReplayError) -> [ObjectID: Sequence] {
    guard let since else { return [:] }
    do throws(Errno) {
      return try VersionStore.contents(in: own.raw, journal: since.journal, from: point.sequence)
    } catch {
      throw .destination(error, what: "list the versions")
    }
  }

  func openVersion(_ id: ObjectID, _ place: Sequence) throws(Errno) -> Descriptor {
    guard let since else { throw .noSuchFileOrDirectory }
    let names = [
      Array(".treeline".utf8), Array(VersionStore.name.utf8),
      Array(hexadecimal(since.journal).utf8), place.digits,
    ]
    let directory = try AnchoredPath.openDirectory(beneath: root.raw, names)
    return try withCString(id.digits) { name throws(Errno) in
      try Descriptor.open(name, in: directory.raw, .content)
    }
  }
}

extension AppliedRecord {
  /// Whether all that had settled was there.
  var isExact: Bool {
    entries.allSatisfy { entry in
      switch entry.reason {
      case nil: true
      case .pending: entry.work.contains(.unsettled)
      default: false
      }
    }
  }
}
