import Capture
import Glibc
import Journal
import LinuxSystem
import SystemPackage
import Tree

/// Follows the source and commits what changed, on one thread.
///
/// The replay stage hears of a commit as soon as it can be read, and prepares it while it is synced.
final class CaptureStage: @unchecked Sendable {
  let options: BackupOptions
  let state: Guarded<PipelineState>
  let reporter: any Reporter
  private let excluded: Set<ObjectKey>
  /// How many names leave the backup at the first scan because other things are left out.
  var leaving: Int
  private let started = monotonicNanoseconds()

  /// The source, until it is followed.
  var mark: SourceMark?
  var changes = ChangeSet()
  var attribution = Attribution()
  var removals: RemovalGuard
  var objectsSinceCheckpoint = 0
  /// When it is looked next whether the journal holds more than is to be kept.
  var nextRetention: UInt64 = 0
  /// Whether the source's filesystem can be believed.
  var doubt: SourceDoubt
  var isFirstScan = false
  /// What could not be looked at, as it was told last.
  private var troubles: [Status.Problem] = []
  /// What is mounted at the source; nil where the system does not tell.
  let mounts: MountWatch?
  /// What was mounted and unmounted, to be said in the next commit.
  var mountMarks: [Mark] = []
  /// What is mounted inside has to be looked for, because something was mounted or unmounted.
  var isMountLookDue = false
  var grafts = GraftTable.empty
  /// Away filesystems, as they were told last.
  var awayPlaces: Set<[UInt8]> = []

  /// How many objects the first scan puts into one commit: a commit of 2 to 4 MiB.
  private static let scanCommitObjects = 16_384
  /// A checkpoint is made when the commits after the last one hold this many changed objects, and
  /// as many as a quarter of the tree: reading them again would take longer than a checkpoint.
  private static let checkpointObjectsMin = 100_000
  /// How often the source's path is looked at.
  static let presenceNanoseconds: UInt64 = 2_000_000_000
  /// Looks in a row for what was found nowhere, before a commit.
  static let searchesMax = 8

  init(
    _ options: BackupOptions, _ mark: SourceMark, excluded: Set<ObjectKey>, leaving: Int,
    state: Guarded<PipelineState>, reporter: any Reporter
  ) {
    self.options = options
    self.mark = mark
    self.excluded = excluded
    self.leaving = leaving
    self.state = state
    self.reporter = reporter
    removals = RemovalGuard(percent: options.maxDelete)
    doubt = SourceDoubt(journal: options.journal)
    mounts = Self.watchMounts(options, state)
    state.with { [doubt] in $0.doubt = doubt.reason }
    announceMounts()
  }

  /// Why a session with the source ended.
  private enum End {
    case stopped
    /// The source is not at its path any more.
    case sourceAway
  }

  /// Runs until stopped or failed: the body of the thread.
  func run(_ session: JournalSession) {
    do throws(TreelineError) {
      var isFirst = true
      while let end = try followSource(session, isFirst: isFirst), end == .sourceAway {
        isFirst = false
        try waitForSource(session.writer)
      }
    } catch {
      state.change { state in
        if state.failure == nil { state.failure = error }
        state.isStopping = true
      }
    }
    state.change { $0.isCaptureOver = true }
  }

  // MARK: One session

  /// Follows the source that is at hand, and has let go of it when this returns: whoever holds a mark
  /// keeps the filesystem from being freed after it was unmounted.
  ///
  /// - Returns: nil when there is none, because the program stops.
  private func followSource(
    _ session: JournalSession, isFirst: Bool
  ) throws(TreelineError) -> End? {
    guard let source = mark else { return nil }
    mark = nil
    state.change { $0.source = source }
    defer {
      state.change { $0.source = nil }
      grafts = .empty
    }
    return try follow(source, session, isFirst: isFirst)
  }

  private func follow(
    _ source: SourceMark, _ session: JournalSession, isFirst: Bool
  ) throws(TreelineError) -> End {
    let writer = session.writer
    source.silence([writer.place])
    let follower = SourceFollower(
      source, mirror: session.mirror, excluded: excluded, rules: options.rules,
      policy: SettlePolicy(
        quietNanoseconds: options.settle.nanoseconds,
        delayMaxNanoseconds: options.maxDelay.nanoseconds),
      followsMounts: options.crossesFilesystems)
    follower.sweepPercent = options.sweepPercent
    let nudge = follower.nudge
    state.with { $0.nudgeCapture = nudge }
    defer { state.with { $0.nudgeCapture = nil } }
    state.change { $0.phase = .scanning }
    try findMounts(follower, isBeforeScan: true)
    var due = try scan(follower, session, isFirst: isFirst)
    if !options.crossesFilesystems { try recordMounts(nil, journal: options.journal) }
    try publishGrafts(follower)
    if isFirst, session.isFirstScan { try checkpoint(follower, writer, sealing: true) }
    try maintain(follower, writer)
    var nextPresence = monotonicNanoseconds() + Self.presenceNanoseconds
    while true {
      let deadline = min(due ?? .max, nextPresence)
      do throws(CaptureError) {
        try follower.wait(until: deadline) { [mounts] in
          mounts?.hasNews == true || state.with { $0.isStopping || $0.isDoubtOver || $0.flushesWanted > $0.flushesCaptured }
        }
      } catch { throw TreelineError(error, source: options.source) }
      if state.with({ $0.isStopping }) { break }
      let (flushes, captured) = state.with { ($0.flushesWanted, $0.flushesCaptured) }
      if flushes > captured { mounts?.look() }
      takeMountNews()
      if monotonicNanoseconds() >= nextPresence || !mountMarks.isEmpty {
        follower.idle()
        if !source.isAt(path: options.source) {
          if !mountMarks.isEmpty { try commit(follower, writer, marks: takeMountMarks(), flags: []) }
          return .sourceAway
        }
        nextPresence = monotonicNanoseconds() + Self.presenceNanoseconds
        if grafts.isUncertain { isMountLookDue = true }
      }
      try findMounts(follower, isBeforeScan: false)
      due = try step(follower, writer, flushes: flushes)
    }
    try stop(follower, writer)
    return .stopped
  }

  /// The look at the whole tree with which a session begins.
  ///
  /// - Returns: when the first round is due.
  private func scan(
    _ follower: SourceFollower, _ session: JournalSession, isFirst: Bool
  ) throws(TreelineError) -> UInt64? {
    let writer = session.writer
    var failure: TreelineError? = nil
    var seen = 0
    isFirstScan = isFirst && session.isFirstScan
    defer { isFirstScan = false }
    var round = SourceFollower.Round()
    do throws(CaptureError) {
      round = try follower.scan(suspectFrom: session.suspectFrom) { [self] in
        guard isFirstScan, failure == nil, follower.mirror.changeCount >= Self.scanCommitObjects
        else { return }
        seen += follower.mirror.changeCount
        do throws(TreelineError) {
          try commit(follower, writer, marks: [], flags: .partial)
          reporter.report(.progress(.init(stage: "scanning", objects: UInt64(seen))))
        } catch { failure = error }
      }
      if failure == nil { try seekUnfound(follower, &round, waived: true) }
    } catch { throw TreelineError(error, source: options.source) }
    if let failure { throw failure }
    var marks = [Mark(kind: .start, payload: bootID)]
    marks.append(Mark(kind: isFirstScan ? .scan : .rescan))
    marks += takeMountMarks()
    try noteFilesystemError(round, &marks)
    publishTroubles(follower)
    try guardRemovals(follower, writer, &marks)
    try commit(follower, writer, marks: marks, flags: round.isExact ? .exact : [])
    leaving = 0
    try recordExcludes(options.rules, journal: options.journal)
    let ready = Double(monotonicNanoseconds() - started) / 1e9
    let isReady = state.change { state in
      state.phase = .following
      defer { if state.readySeconds == nil { state.readySeconds = ready } }
      return state.readySeconds == nil
    }
    if isReady {
      reporter.report(
        .ready("following \(printable(options.source)), \(follower.mirror.nodeCount) objects"))
    }
    return round.due
  }

  /// One round: look at what was hinted, and commit it.
  ///
  /// - Parameter flushes: how many were asked for before the mounts were looked at.
  /// - Returns: when the next round is due.
  private func step(
    _ follower: SourceFollower, _ writer: JournalWriter, flushes: Int
  ) throws(TreelineError) -> UInt64? {
    let (again, sweeps) = state.with { state in
      defer {
        state.lookAgain = []
        state.isSweepWanted = false
      }
      return (state.lookAgain, state.isSweepWanted)
    }
    if sweeps { follower.sweepInNextRound() }
    let isFlush = flushes > state.with { $0.flushesCaptured }
    var round = SourceFollower.Round()
    do throws(CaptureError) {
      if !again.isEmpty { follower.lookAgain(at: again) }
      round = try follower.round(waived: isFlush)
      try seekUnfound(follower, &round, waived: isFlush)
    } catch { throw TreelineError(error, source: options.source) }
    var marks = takeMountMarks()
    if round.overflowed {
      marks.append(Mark(kind: .overflow))
      marks.append(Mark(kind: .rescan))
      state.with { state in
        state.overflows += 1
        state.rescans += 1
      }
      reporter.report(.warning("the kernel's queue overflowed; the source was looked at again as a whole"))
    }
    try endDoubtIfAsked(&marks)
    try noteFilesystemError(round, &marks)
    publishTroubles(follower)
    try guardRemovals(follower, writer, &marks)
    if follower.mirror.hasChanges || !marks.isEmpty {
      try commit(follower, writer, marks: marks, flags: round.isExact ? .exact : [])
    }
    state.with { $0.sweepEnded = follower.sweepEnded ?? $0.sweepEnded }
    if isFlush { state.change { $0.flushesCaptured = flushes } }
    if objectsSinceCheckpoint > max(Self.checkpointObjectsMin, follower.mirror.nodeCount / 4) {
      try checkpoint(follower, writer)
    }
    try maintain(follower, writer)
    return round.due
  }

  /// Has `status` and `flush` tell what could not be looked at, and says it once.
  private func publishTroubles(_ follower: SourceFollower) {
    let problems = follower.troubles().map { trouble in
      Status.Problem(
        path: Array(trouble.path.joined(separator: [UInt8(ascii: "/")])),
        message: trouble.isDirectory
          ? "not all that is in it can be read in the source: \(trouble.errno)"
          : "it cannot be read in the source: \(trouble.errno)")
    }
    guard problems != troubles else { return }
    for problem in problems where !troubles.contains(problem) {
      reporter.report(.warning(problem.text))
    }
    let paths = Set(problems.map(\.path))
    for problem in troubles where !paths.contains(problem.path) {
      let path = problem.path.isEmpty ? options.source : problem.path
      reporter.report(.notice("\(printable(path)) can be read again, or is gone"))
    }
    troubles = problems
    state.with { $0.unreadable = problems }
  }

  private func stop(_ follower: SourceFollower, _ writer: JournalWriter) throws(TreelineError) {
    var round = SourceFollower.Round()
    do throws(CaptureError) {
      round = try follower.round(waived: true)
      try seekUnfound(follower, &round, waived: true)
    } catch {
      throw TreelineError(error, source: options.source)
    }
    var marks = [Mark(kind: .stop)]
    try noteFilesystemError(round, &marks)
    try guardRemovals(follower, writer, &marks)
    try commit(follower, writer, marks: marks, flags: round.isExact ? .exact : [])
    try checkpoint(follower, writer)
  }
}
