import Exclusion
import LinuxSystem
import SystemPackage
import Tree

/// Follows one source: what changed in it, round by round.
///
/// From the moment that the source was marked nothing is missed. One thread uses the follower;
/// another, the mark's own, drains the kernel's queue.
public final class SourceFollower {
  /// What one round found beside the changes, which are in the mirror.
  public struct Round: Sendable {
    /// Nothing was queued before, during or after the looks: the tree was like this at one instant.
    public var isExact = false
    /// The kernel's queue, or our own set, had overflowed; all was looked at again.
    public var overflowed = false
    /// The filesystem reported an error of its own: a code of errno(3).
    public var filesystemError: Int32? = nil
    /// When something is due that has not settled, in monotonic nanoseconds.
    public var due: UInt64? = nil

    public init() {}

    /// The two as one, where no commit was between them.
    public mutating func join(_ next: Round) {
      isExact = next.isExact
      overflowed = overflowed || next.overflowed
      filesystemError = next.filesystemError ?? filesystemError
      due = next.due
    }
  }

  private let hints: any HintQueue
  private let observer: Observer
  private let ledger: DeedLedger?
  /// nil where the source is none that is mounted.
  private var live: LiveSource?
  private let excluded: Set<ObjectKey>
  private var spare = DirtySet()
  private var lastDrained = Timestamp.zero
  /// Of the thread that looks, from its first look on.
  private var share: ThreadShare?

  /// Rounds of drain and look that directories get which keep moving before they wait for the next
  /// commit.
  private static let patienceRounds = 8
  /// So many hints at once show a storm, in which there is no end of objects found nowhere: the next
  /// round sees to them, and to more at once.
  package static let stormHints = 1_024
  /// How long a round stays open for the close of a file that it met in the midst of its writing: most
  /// are closed within microseconds, and a commit of what is half done costs a sync of its own.
  private static let closeNanoseconds: UInt64 = 1_000_000
  /// More hints than this at once are worth a commit of their own.
  private static let fewHints = 64
  /// When what was found nowhere is looked for again though no hint came: 0.1 s.
  private static let patienceNanoseconds: UInt64 = 100_000_000

  /// - Parameters:
  ///   - mirror: what is known of the source: only its root, or what a journal says.
  ///   - excluded: directories that do not belong to the source though they lie in it.
  ///   - rules: what else is left out.
  package convenience init(
    _ mark: SourceMark, mirror: Mirror, excluded: Set<ObjectKey>,
    rules: ExclusionRules = ExclusionRules(), policy: SettlePolicy, followsMounts: Bool = false
  ) {
    self.init(
      mark, hints: mark.drain, clock: SystemClock(), mirror: mirror, excluded: excluded,
      rules: rules, policy: policy, followsMounts: followsMounts)
  }

  /// Follows a live source with hints and a clock that may be others.
  package convenience init(
    _ mark: SourceMark, hints: any HintQueue, clock: any CaptureClock, mirror: Mirror,
    excluded: Set<ObjectKey>, rules: ExclusionRules = ExclusionRules(), policy: SettlePolicy,
    followsMounts: Bool = false
  ) {
    let live = LiveSource(mark, mirror: mirror, followsMounts: followsMounts)
    self.init(
      live, hints: hints, clock: clock, mirror: mirror, excluded: excluded, rules: rules,
      policy: policy, ledger: mark.watch.map { DeedLedger($0) })
    self.live = live
  }

  /// Follows what may be no live source.
  package init(
    _ view: any SourceView, hints: any HintQueue, clock: any CaptureClock, mirror: Mirror,
    excluded: Set<ObjectKey>, rules: ExclusionRules = ExclusionRules(), policy: SettlePolicy,
    ledger: DeedLedger? = nil
  ) {
    self.hints = hints
    self.ledger = ledger
    self.excluded = excluded
    observer = Observer(
      view, clock: clock, mirror: mirror, excluded: excluded, rules: rules, policy: policy)
  }

  public var mirror: Mirror { observer.mirror }

  /// The last complete drain before the last looks, in seconds since 1970.
  public var drainedSeconds: Int64 { lastDrained.seconds }

  /// What could not be looked at. It is unknown, and never taken for gone.
  public func troubles() -> [SourceTrouble] { observer.troubles() }

  /// How many objects wait until they settle.
  public var unsettledCount: Int { observer.settling.count }

  /// How many percent of the time may go into looking for what nothing announced; 0 for none.
  public var sweepPercent: Double {
    get { observer.sweep.share * 100 }
    set { observer.sweep.share = newValue / 100 }
  }

  /// From so many hints on in a directory, its names are read at once.
  package var crowdMin: Int {
    get { observer.crowdMin }
    set { observer.crowdMin = newValue }
  }

  /// When the whole tree was last looked at without an announcement.
  public var sweepEnded: Timestamp? { observer.sweep.ended }

  /// How many objects the next commit would remove of filesystems that are not mounted now.
  public var awayRemovals: Int { observer.awayRemovals }

  /// Looks for what is mounted inside the source, where that is followed: new filesystems are marked, and
  /// those that were unmounted let go of. Unless a scan comes after it, what is other is looked at.
  ///
  /// - Parameters:
  ///   - source: its path, absolute and without links.
  ///   - avoided: filesystems that are left out.
  ///   - hidden: directories that do not belong to the source, wherever they are mounted.
  public func findMounts(
    source: [UInt8], avoiding avoided: Set<FilesystemPlace>,
    leavingOut hidden: [(place: FilesystemPlace, key: ObjectKey)], isBeforeScan: Bool
  ) -> GraftTable {
    guard let live, live.followsMounts else { return .empty }
    let (before, now) = live.findGrafts(path: source, avoiding: avoided)
    observer.excluded = excluded
    for graft in now.grafts {
      for (place, key) in hidden where place == graft.place { observer.excluded.insert(key.inGraft(graft.number)) }
    }
    if !isBeforeScan { observer.mountsChanged(from: before, to: now) }
    return now
  }

  /// Whether an object was on a filesystem inside the source that is not mounted now.
  public func isAway(_ key: ObjectKey) -> Bool { observer.view.isAway(key) }

  /// Has the next round look at the whole tree for what nothing announced.
  public func sweepInNextRound() { observer.sweep.isWanted = true }

  /// Looks at the whole tree, for the first time or to catch up.
  ///
  /// - Parameters:
  ///   - suspectFrom: files changed from here on are compared whatever their ctime says.
  ///   - progress: called after every few hundred entries and each directory that was looked at again.
  public func scan(
    suspectFrom: Timestamp? = nil, progress: @escaping () -> Void
  ) throws(CaptureError) -> Round {
    observer.onProgress = progress
    defer { observer.onProgress = nil }
    var round = Round()
    try barrier()
    // What is hinted from here on is looked at in the next round, after the scan.
    lastDrained = hints.drainedAt
    observer.verifyAll(drained: lastDrained, suspectFrom: suspectFrom)
    try finish(&round, waived: false)
    return round
  }

  /// Looks at what was hinted since the last round.
  ///
  /// - Parameter waived: whether all that was queued before the call must be in it, settled or not.
  public func round(waived: Bool) throws(CaptureError) -> Round {
    var round = Round()
    observer.doubtYoung()
    if waived {
      try barrier()
      observer.retryTroubles()
    }
    let count = observeTaken(&round, waived: waived)
    if !waived {
      if count <= Self.fewHints { try awaitClose(&round) }
      observer.retryDueTroubles()
    }
    observer.findUnfound(waived: waived)
    observer.lookForSilentWriters(waived: waived)
    try finish(&round, waived: waived)
    return round
  }

  private func awaitClose(_ round: inout Round) throws(CaptureError) {
    let deadline = observer.clock.monotonic + Self.closeNanoseconds
    while observer.settling.expectsClose, observer.clock.monotonic < deadline {
      try wait(until: deadline) { false }
      if observeTaken(&round, waived: false) == 0 { return }
    }
  }

  private func finish(_ round: inout Round, waived: Bool) throws(CaptureError) {
    var candidates = observer.takeOrphans()
    var isWhole = false
    for attempt in 1...Self.patienceRounds {
      if observer.needsVerification {
        observer.verifyAll(drained: lastDrained)
        candidates = observer.takeOrphans()
      }
      observer.lookAtDisplaced()
      candidates += observer.takeOrphans()
      if candidates.isEmpty, !observer.hasDisplaced() {
        // What hung on an object that was found nowhere was not looked at before that was found.
        observer.listMissed()
        candidates = observer.takeOrphans()
        isWhole = candidates.isEmpty && !observer.needsVerification
        if isWhole { break }
      }
      // An object found nowhere may have been on its way: first see all that was queued till now.
      try barrier()
      let count = observeTaken(&round, waived: waived)
      let waiting = observer.resolve(candidates, isLast: attempt == Self.patienceRounds)
      observer.finishLooking()
      candidates = waiting + observer.takeOrphans()
      if !waived, count >= Self.stormHints { break }
    }
    observer.keepOrphans(candidates)
    let isSettled =
      (isWhole || observer.verification == nil) && candidates.isEmpty
      && !observer.needsVerification && !observer.hasDisplaced()
    if isSettled { observer.endVerification() }
    if waived { observer.doubtYoung() }
    round.due = observer.settle(waived: waived)
    if !observer.young.isEmpty { round.due = observer.clock.monotonic }
    if !isSettled {
      round.due = min(round.due ?? .max, observer.clock.monotonic + Self.patienceNanoseconds)
    }
    if let due = observer.unfoundFiles.due { round.due = min(round.due ?? .max, due) }
    if let look = observer.silentLookDue { round.due = min(round.due ?? .max, look) }
    if let retry = observer.planTroubles() { round.due = min(round.due ?? .max, retry) }
    round.isExact = isSettled && hints.isQuiet && observer.young.isEmpty
    if !observer.view.isAlive { throw .sourceDeleted }
    if let failure = observer.view.failure { throw CaptureError(marking: failure) }
  }

  /// - Returns: how many hints there were.
  @discardableResult
  private func observeTaken(_ round: inout Round, waived: Bool) -> Int {
    let taken = hints.take(replacement: spare)
    // Who makes a storm goes before the looks at it, unless somebody waits for them.
    if live != nil, share == nil { share = ThreadShare() }
    share?.reduce(!waived && taken.dirty.count >= Self.stormHints)
    lastDrained = max(lastDrained, taken.drained)
    // Before the looks: what they find gone is still known.
    ledger?.collect(observer.mirror)
    if taken.filesystemError != nil { round.filesystemError = taken.filesystemError }
    if taken.dirty.isEverything {
      round.overflowed = true
      ledger?.noteRescan()
      observer.verifyAll(drained: lastDrained)
    } else {
      observer.observe(taken.dirty, drained: lastDrained)
    }
    ledger?.resolve(observer.mirror)
    let count = taken.dirty.count
    taken.dirty.removeAll()
    spare = taken.dirty
    return count
  }

  private func barrier() throws(CaptureError) {
    do throws(Errno) { try hints.barrier() } catch { throw .reading(error) }
  }

  /// Waits until something was hinted, `isAsked` holds, or a deadline (monotonic) passes.
  public func wait(until deadline: UInt64?, or isAsked: () -> Bool) throws(CaptureError) {
    do throws(Errno) { try hints.wait(until: deadline, or: isAsked) } catch { throw .reading(error) }
  }

  /// From another thread: has `wait` ask again. The returned closure outlives the follower safely.
  public var nudge: @Sendable () -> Void {
    let hints = hints
    return { hints.nudge() }
  }

  /// Has objects looked at again in the next round, with their content taken as suspect: ones that
  /// could not be copied as they were recorded.
  public func lookAgain(at ids: Set<ObjectID>) {
    for node in observer.mirror.nodes(ids) {
      observer.note([.attributes, .modified], of: node)
      observer.finishLooking()
    }
  }

  /// How many objects have no name and were found nowhere, and are not known to be gone either.
  public var unfoundCount: Int { observer.orphans.count }

  /// Takes what changed since the last commit.
  ///
  /// Descriptors of directories are let go where some may be of directories that are gone.
  public func takeChanges(into changes: inout ChangeSet) {
    observer.writeBackFresh()
    if observer.mirror.pendingRemovals > 0 { observer.view.letGo() }
    if observer.hasRemoved {
      observer.exclusion?.forget()
      observer.hasRemoved = false
    }
    observer.awayRemovals = 0
    observer.hidden.removeAll()
    observer.mirror.takeChanges(into: &changes)
  }

  /// Says who made the changes that were taken last; nothing where the source was not marked to tell.
  public func attribute(_ changes: ChangeSet, into attribution: inout Attribution) {
    ledger?.attribute(changes, of: mirror, into: &attribution) { directory, name, isDirectory in
      name.bytes.withUnsafeBytes {
        observer.filter(for: directory)?.leavesOut($0, isDirectory: isDirectory) ?? false
      }
    }
  }

  /// Closes what is only kept open for speed.
  public func idle() { observer.view.letGo() }
}
