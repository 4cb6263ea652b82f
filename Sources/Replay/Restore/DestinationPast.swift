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
  let since: VersionsSince?
  /// What was found damaged in the log when the points were looked for.
  package private(set) var damage: [ReplayError] = []

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
  ///
  /// What is damaged in the log costs the states up to the next whole tree in it, and no more: `damage` tells
  /// of it.
  package func points() throws(ReplayError) -> [RestorePoint] {
    damage = []
    guard let since else { return [] }
    var points: [RestorePoint] = []
    let trees = try treePlaces()
    var start = try openLog().oldest.sequence
    // Whether all before a commit can be made from what the log has.
    var hasTree = start == .zero
    while true {
      do throws(ReplayError) {
        try readPoints(after: start, since, Set(trees), &hasTree, &points)
        return points
      } catch {
        guard case .history(.damaged(let finding)) = error,
          let next = trees.first(where: { $0 > start && $0 >= finding.sequence ?? .zero })
        else { throw error }
        damage.append(error)
        start = next
        hasTree = true
      }
    }
  }

  private func readPoints(
    after start: Sequence, _ since: VersionsSince, _ trees: Set<Sequence>, _ hasTree: inout Bool,
    _ points: inout [RestorePoint]
  ) throws(ReplayError) {
    let log = try openLog()
    do throws(JournalError) { _ = try log.seek(after: start) } catch { throw .history(error) }
    if trees.contains(start) { hasTree = true }
    var tail = HistoryTail()
    try advance(log, &tail, upTo: nil) { commit, finished in
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
        unsettled: record.entries.filter { $0.reason != nil }.map(\.id), place: commit.cursor.sequence)
      // What was tried again and succeeded makes the same point exact.
      if points.last?.sequence == point.sequence { points.removeLast() }
      points.append(point)
    }
  }

  /// Where the log has the whole tree.
  func treePlaces() throws(ReplayError) -> [Sequence] {
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

  /// Reads on to a commit of the log, or to its end.
  func advance(
    _ log: JournalReader, _ tail: inout HistoryTail, upTo end: Sequence?,
    _ body: (Commit, HistoryTail.Finished?) throws(ReplayError) -> Void
  ) throws(ReplayError) {
    var commit = Commit()
    while end.map({ log.position.sequence < $0 }) ?? true {
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

  /// The tree at a point.
  func tree(at point: RestorePoint) throws(ReplayError) -> PastTree {
    var tail = HistoryTail()
    return try tree(namesOnly: false, upTo: point.place, &tail).tree
  }

  /// Where everything is at the destination now.
  func places() throws(ReplayError) -> PastPlaces {
    var places = PastPlaces()
    var tail = HistoryTail()
    var (tree, applied) = try tree(namesOnly: true, upTo: nil, &tail)
    places.tree = tree
    // Where nothing was finished since the tree was written down, what was finished before it stands.
    if applied == nil { applied = try HistoryLog.readState(in: own.raw).applied }
    places.exceptions = applied?.entries ?? []
    places.begun = tail.state.begun.flatMap(\.intent.entries)
    places.settle()
    return places
  }

  /// Composes the newest whole tree in the log with what followed it.
  ///
  /// - Parameter end: the last commit of the log that counts; nil for all there are.
  /// - Returns: the tree, and the last state that was finished after the whole one.
  private func tree(
    namesOnly: Bool, upTo end: Sequence?, _ tail: inout HistoryTail
  ) throws(ReplayError) -> (tree: PastTree, applied: AppliedRecord?) {
    let log = try openLog()
    var (tree, start) = try wholeTree(log, namesOnly: namesOnly, atOrBefore: end)
    do throws(JournalError) {
      guard try log.seek(after: start) else { throw .dropped(upTo: log.oldest.sequence) }
    } catch {
      throw .history(error)
    }
    var applied: AppliedRecord?
    try advance(log, &tail, upTo: end) { _, finished throws(ReplayError) in
      guard let finished, !finished.applied.isAdopting else { return }
      for (changes, intent) in finished.begun {
        // A plan whose commit a power cut took back was never carried out.
        if let end = intent.end, end.sequence.rawValue > finished.applied.sequence { continue }
        for set in changes { try tree.take(set.changes) }
      }
      applied = finished.applied
    }
    return (tree, applied)
  }

  /// The newest whole tree at or before a commit of the log; the empty one where there is none.
  private func wholeTree(
    _ log: JournalReader, namesOnly: Bool, atOrBefore end: Sequence?
  ) throws(ReplayError) -> (PastTree, Sequence) {
    for number in try treePlaces().reversed() where end.map({ number <= $0 }) ?? true {
      do throws(JournalError) {
        guard let whole = try log.checkpoint(atOrBefore: number) else { break }
        var tree = PastTree(namesOnly: namesOnly)
        var part = ChangeSet()
        while try whole.next(&part) {
          do throws(ReplayError) { try tree.take(part) } catch {
            throw JournalError.damaged(
              Finding(file: "history", offset: 0, sequence: number, what: "what no tree can be"))
          }
        }
        return (tree, whole.cursor.sequence)
      } catch .damaged {
        continue  // an older one and what followed it say the same
      } catch {
        throw .history(error)
      }
    }
    return (PastTree(namesOnly: namesOnly), .zero)
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
