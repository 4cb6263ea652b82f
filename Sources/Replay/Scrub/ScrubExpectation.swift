import Journal
import LinuxSystem
import SystemPackage
import Tree

/// What must be at a destination: the tree that its journal says was applied last.
///
/// Names take about 50 bytes an object; attributes are looked up for some objects at a time. A backup may go on
/// meanwhile, so what differs from this is only suspect: who holds the destination decides.
final class ScrubExpectation {
  private let journal: JournalReader
  private let own: Int32
  /// The last commit that was applied.
  private var cursor: Cursor
  private(set) var tree = DestinationTree()
  /// What is not as the journal says anyway, or was just being changed.
  private(set) var busy: Set<ObjectID> = []
  /// What an earlier scrub found missing, and nobody could make.
  private(set) var lacking: [ObjectID] = []
  /// What cannot be held at the destination.
  private var losses = LossRecord()
  /// The names of all objects, by parent.
  private var children: [Child] = []

  struct Child {
    var parent: ObjectID
    var id: ObjectID
  }

  /// Reads what was applied.
  ///
  /// - Parameter own: the destination's own directory, open as long as this lives.
  /// - Throws: `.notOurs` when its first copy is not complete.
  init(journal path: [UInt8], own: Int32) throws(ReplayError) {
    do throws(JournalError) { journal = try JournalReader.open(at: path) } catch { throw .journal(error) }
    self.own = own
    let state = try HistoryLog.readState(in: own)
    guard let record = state.applied, !record.isAdopting, record.journal == journal.id.bytes else {
      throw .notOurs
    }
    cursor = Self.cursor(of: record)
    noteBusy(state)
    try journal.forEachChangeSet(upTo: cursor) { changes throws(ReplayError) in try tree.take(changes) }
    lacking = record.entries.filter { $0.work.contains(.suspect) && $0.current.isEmpty }.map(\.id)
    for entry in record.entries { tree.set(entry.current, of: entry.id, isDirectory: entry.isDirectory) }
    if let found = try? LossRecord.read(in: own, point: record.lossPoint, isKnown: { _ in true }) {
      losses = found
    }
    children.reserveCapacity(tree.count)
    tree.forEachLink { id, link in children.append(Child(parent: link.parent, id: id)) }
    children.sort { ($0.parent, $0.id) < ($1.parent, $1.id) }
  }

  private static func cursor(of record: AppliedRecord) -> Cursor {
    Cursor(
      journal: JournalID(record.journal), sequence: Sequence(record.sequence),
      chain: ChainValue(record.chain))
  }

  private func noteBusy(_ state: HistoryLog.State) {
    // What an earlier scrub found wrong is so until it is repaired.
    for entry in state.applied?.entries ?? [] where !entry.work.contains(.suspect) { busy.insert(entry.id) }
    for plan in state.begun { for entry in plan.intent.entries { busy.insert(entry.id) } }
  }

  /// What must be in a directory, by name as it is at the destination.
  func entries(of directory: ObjectID) -> [[UInt8]: ObjectID] {
    var low = 0
    var high = children.count
    while low < high {
      let middle = (low + high) / 2
      if children[middle].parent < directory { low = middle + 1 } else { high = middle }
    }
    var found: [[UInt8]: ObjectID] = [:]
    while low < children.count, children[low].parent == directory {
      let id = children[low].id
      for link in tree.links(of: id) where link.parent == directory { found[Destination.name(link)] = id }
      low += 1
    }
    return found
  }

  /// Whether every attribute of an object can be held at the destination.
  func canHoldAll(of id: ObjectID) -> Bool { losses.losses[id] == nil }

  // MARK: Attributes

  /// What the journal says of some objects, up to what is applied by now.
  func states(of ids: Set<ObjectID>) throws(ReplayError) -> [ObjectID: OwedObject] {
    let state = try HistoryLog.readState(in: own)
    if let record = state.applied, record.journal == journal.id.bytes { cursor = Self.cursor(of: record) }
    noteBusy(state)
    var states: [ObjectID: OwedObject] = [:]
    try journal.forEachChangeSet(upTo: cursor) { changes throws(ReplayError) in
      for change in changes.objects where ids.contains(change.id) {
        var object =
          states[change.id]
          ?? OwedObject(
            isDirectory: change.attributes.kind == .directory, links: [], attributes: change.attributes,
            changed: change.changed)
        try object.absorb(change, of: changes, isThere: false)
        states[change.id] = object
      }
    }
    return states
  }

  /// The names from the source's root to a directory; nil when it has no place.
  func names(to directory: ObjectID) -> [[UInt8]]? {
    var names: [[UInt8]] = []
    var at = directory
    while at != .root {
      guard let link = tree.link(of: at), link.parent != .park, names.count < Replayer.depthMax else {
        return nil
      }
      names.append(link.name.bytes)
      at = link.parent
    }
    return names.reversed()
  }
}
