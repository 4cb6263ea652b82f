import Journal
import LinuxSystem
import SystemPackage
import Tree

/// Brings a journal to a destination, some commits at a time.
///
/// The journal file is the only buffer: what has been read is applied before more is read. What must
/// be is worked out per object (`OwedObject`), what is there is kept as the verbs leave it
/// (`DestinationTree`), and each plan is the difference between the two. One thread at a time.
package final class Replayer {
  /// How many objects a batch takes at most: enough to make the few syncs of a batch cheap, and little
  /// memory.
  private static let batchObjectsMax = 32_768
  /// And how many bytes of names and attributes.
  private static let batchBytesMax = 32 << 20

  let journalPath: [UInt8]
  let destinationPath: [UInt8]
  var options: ReplayOptions
  let journal: JournalReader

  var destination: Destination?
  /// The root of the destination, in a dry run that is not its first.
  var lookedAt: Descriptor?
  var history: HistoryLog?
  let bench: StagingBench
  /// For a second thread, where many files are to be made.
  var assistant: StagingBench?
  /// Syncs a few files while the destination's log is synced.
  var syncThread: SideThread?

  /// How the destination was let go of, while it is not open and what is known of it still holds.
  var rested: Rested?

  var tree = DestinationTree()
  var owed: [ObjectID: OwedObject] = [:]
  /// Of objects whose new content is late: the last commit whose content the destination has.
  var held: [ObjectID: Sequence] = [:]
  /// What the destination cannot hold.
  var losses = LossRecord()
  var hasRetriedLosses = false
  /// The flags that are to be set when the plan at hand is done.
  var sealing = Sealing()
  /// The last commit that the destination holds, but for the exceptions; nil before the first.
  package internal(set) var applied: Cursor?
  /// What is at the destination is compared before anything is made; see `Replayer+Adoption`.
  var adopts: ReplayOptions.Adopt = .no
  /// What the destination's log tells of its tree begins anew.
  var mustWriteTree = false
  /// Inodes with several names that an object took over.
  var adoptedInodes: [DestinationInode: ObjectID] = [:]

  /// Objects that somebody wrote to: when they are repaired, what was written is put aside.
  var edited: Set<ObjectID> = []

  /// The end of plans that were begun and interrupted: what they were about is owed, and the next step
  /// brings the destination at least there.
  var recovered: Cursor?

  /// What an interrupted plan, or one that failed, had given some of an object's names: content that belongs to no state before it.
  var halfPublished: Set<DestinationInode> = []
  /// Whether something was moved away that no plan names, which nothing has made durable yet.
  var owesSync = false
  /// The commits of the batch, for the destination's log.
  var batch: [AttributedChanges] = []
  private var peeked: Commit?
  /// What is read before the commits after it, when a destination is taken over.
  var checkpoint: CheckpointReader?
  private var commit = Commit()
  var objectsMade: UInt64 = 0
  var bytesCopied: UInt64 = 0
  /// Both only where somebody wants to know.
  let meter: ReplayMeter?
  private var ahead: ReplayForecast?

  /// For tests: how many verbs are done before the run ends as a kill would end it.
  package var verbsUntilInterruption: Int?

  /// Opens a journal and a destination, and finds out how far the destination is.
  ///
  /// - Parameter source: the root of the source, or nil when no content is to be had.
  package init(
    journal journalPath: [UInt8], destination destinationPath: [UInt8],
    source: consuming Descriptor?, options: ReplayOptions = ReplayOptions()
  ) throws(ReplayError) {
    self.journalPath = journalPath
    self.destinationPath = destinationPath
    self.options = options
    meter = options.onAdvance.map { ReplayMeter(tell: $0) }
    do { journal = try JournalReader.open(at: journalPath) } catch { throw .journal(error) }
    if let source {
      bench = StagingBench(source: ContentSource(root: source, grafts: options.grafts), onLoss: options.onLoss)
    } else {
      bench = StagingBench(source: nil, onLoss: options.onLoss)
    }
    try open()
    bench.countBytes(meter)
  }

  // MARK: Steps

  /// Reads the next commits, as many as are handled together, and applies them.
  ///
  /// - Parameter limit: the last commit to apply; nil for all there are. A batch may end earlier.
  package func step(upTo limit: Sequence? = nil) throws(ReplayError) -> ReplayProgress {
    try releasingOnError { () throws(ReplayError) in try advanceAndApply(limit) }
  }

  private func advanceAndApply(_ limit: Sequence?) throws(ReplayError) -> ReplayProgress {
    try reopen()
    objectsMade = 0
    bytesCopied = 0
    batch.removeAll(keepingCapacity: true)
    let end = Sequence(.max)
    let last = min(limit ?? end, options.until ?? end)
    try forecast(upTo: last)
    var amount = ReplayAmount()
    var candidates: Set<ObjectID> = []
    var cursor = recovered
    var hasMore = false
    var bytes = 0
    while true {
      guard try advance() else { break }
      if peeked!.cursor.sequence > last { break }
      if cursor != nil, candidates.count >= Self.batchObjectsMax || bytes >= Self.batchBytesMax {
        hasMore = true
        break
      }
      let next = peeked.take()!
      cursor = next.cursor
      try absorb(next.changes) { candidates.insert($0) }
      bytes += next.changes.bytes.count
      if meter != nil { amount = amount + ReplayAmount(next.changes) }
      batch.append(AttributedChanges(changes: next.changes, attribution: next.attribution))
      // What is not asked for is not looked for: at a journal's end that takes a listing of it.
      if next.cursor.sequence == last { break }
    }
    addRetries(&candidates, all: !hasMore)
    meter?.begin(amount)
    if cursor != nil || !candidates.isEmpty {
      try apply(candidates, cursor)
    }
    meter?.end()
    if let cursor { applied = cursor }
    recovered = nil
    if !hasMore, adopts != .no { try finishAdoption() }
    if cursor != nil || !candidates.isEmpty { try recordApplied() }
    try boundVersions()
    if !hasMore { try writeTree() }
    return progress(hasMore: hasMore)
  }

  /// Finds out how much there is to do, as far as the journal says it by now.
  private func forecast(upTo last: Sequence) throws(ReplayError) {
    guard let meter else { return }
    do throws(JournalError) {
      if ahead == nil {
        let start = checkpoint?.cursor.sequence ?? applied?.sequence ?? .zero
        ahead = try ReplayForecast(journalPath, after: start, startsFromCheckpoint: checkpoint != nil)
      }
      meter.expect(try ahead!.read(upTo: last))
    } catch {
      throw .journal(error)
    }
  }

  /// Tries the exceptions again.
  @discardableResult
  package func retry() throws(ReplayError) -> ReplayProgress {
    try releasingOnError { () throws(ReplayError) in
      try reopen()
      batch.removeAll(keepingCapacity: true)
      var candidates: Set<ObjectID> = []
      addRetries(&candidates, all: true)
      if !candidates.isEmpty {
        try apply(candidates, nil)
        try recordApplied()
      }
      return progress(hasMore: false)
    }
  }

  /// After an error the destination's own log tells best how things stand: it is opened anew.
  func releasingOnError<Result>(
    _ body: () throws(ReplayError) -> Result
  ) throws(ReplayError) -> Result {
    while true {
      do throws(ReplayError) {
        return try body()
      } catch {
        let hasRoom = error.saysFull && makeRoom()
        history = nil
        destination = nil
        rested = nil
        guard hasRoom else { throw error }
        options.onRoomMade?()
      }
    }
  }

  /// The objects of which the destination does not hold what the applied commit says.
  package var exceptions: [ReplayException] {
    owed.compactMap { id, object in
      guard let reason = object.problem else { return nil }
      return ReplayException(object: id, path: path(of: id), reason: reason)
    }.sorted { $0.object < $1.object }
  }

  package var exceptionCount: Int { owed.values.count { $0.problem != nil } }

  /// Objects at the destination, its root among them.
  package var objectCount: Int { tree.count }

  /// Makes durable what was applied: all of it, where that was not done with each commit.
  package func syncNow() throws(ReplayError) {
    guard let destination else { return }
    if options.sync != .commit || owesSync {
      do { try FileBytes.syncFilesystem(destination.root.raw) } catch {
        throw .destination(error, what: "sync")
      }
      owesSync = false
    }
    try history?.sync()
  }

  /// Lets go of the destination, so that it can be unmounted; the next step opens it again.
  package func idle() throws(ReplayError) {
    bench.source?.closeDirectories()
    assistant = nil
    guard let opened = destination, let log = history else { return }
    try log.sync()
    rested = Rested(id: opened.id, log: log.last)
    history = nil
    destination = nil
  }

  private func progress(hasMore: Bool) -> ReplayProgress {
    ReplayProgress(
      applied: applied?.sequence ?? .zero, exceptionCount: exceptionCount,
      objectsMade: objectsMade, bytesCopied: bytesCopied, hasMore: hasMore)
  }

  /// Forgets what was read and not applied.
  func forgetRead() {
    peeked = nil
    checkpoint = nil
    batch.removeAll()
  }

  private func advance() throws(ReplayError) -> Bool {
    if peeked != nil { return true }
    do throws(JournalError) {
      if let reader = checkpoint {
        commit = Commit()
        commit.cursor = reader.cursor
        if try reader.next(&commit.changes) {
          peeked = commit
          return true
        }
        checkpoint = nil
      }
      guard try journal.next(&commit) else { return false }
    } catch {
      throw .journal(error)
    }
    peeked = commit
    return true
  }

  /// What is not where it must be takes part in every plan, for its place may be needed; with `all`,
  /// what may succeed now as well: what failed or was pending, but not what waits to settle.
  private func addRetries(_ candidates: inout Set<ObjectID>, all: Bool) {
    for (id, object) in owed {
      let current = tree.links(of: id)
      if all && !object.work.contains(.unsettled) || (!current.isEmpty && current != object.links) {
        candidates.insert(id)
      }
    }
  }
}
