import Capture
import Journal
import LinuxSystem
import Replay
import SystemPackage
import Tree

/// Brings the destination to the journal's end, on one thread.
///
/// A commit is prepared as soon as it can be read, while the capture stage syncs it; nothing that has
/// a name is changed before it is durable.
///
/// It reads the journal and nothing else: the journal is the only buffer between the stages, so a
/// slow destination never grows memory.
final class ReplayStage: @unchecked Sendable {
  let options: BackupOptions
  let destination: [UInt8]
  private let state: Guarded<PipelineState>
  let reporter: any Reporter
  private let clock = Guarded(SteadyClock())
  /// Whether the destination was there in this run; of the one thread.
  private var hasOpened = false
  /// Whether it was told that some files do not fit.
  private var isShortageTold = false
  /// What was made in a run that ends by itself.
  private var copied = ReplayAmount()

  /// How long what failed rests before it is tried again, doubled at each try.
  private static let retryNanosecondsMin: UInt64 = 500_000_000
  private static let retryNanosecondsMax: UInt64 = 60_000_000_000
  /// How long descriptors in the destination stay open when nothing happens, so that a disk can be
  /// taken away.
  private static let idleNanoseconds: UInt64 = 1_000_000_000
  /// How often a destination that is away is looked for.
  private static let absentNanoseconds: UInt64 = 2_000_000_000
  /// How often what is kept of replaced and removed files is looked through.
  private static let thinNanoseconds: UInt64 = 3_600_000_000_000
  /// And how often it is asked whether the clock can be believed, until it can.
  private static let unsureNanoseconds: UInt64 = 600_000_000_000
  /// How long a stop waits for the destination to catch up; the rest comes at the next start.
  private static let stopNanoseconds: UInt64 = 5_000_000_000

  init(
    _ options: BackupOptions, destination: [UInt8], state: Guarded<PipelineState>,
    reporter: any Reporter
  ) {
    self.options = options
    self.destination = destination
    self.state = state
    self.reporter = reporter
  }

  /// Runs until stopped or failed: the body of the thread.
  func run() {
    /// What was told last: a disk that is away for days is told of once.
    var told = ""
    // Where /proc is not mounted it is noticed by what comes next.
    let mounts = try? MountWatch(source: JournalPlace.absolute(destination)) { [state] in
      state.change { $0.hasDestinationNews = true }
    }
    defer { withExtendedLifetime(mounts) {} }
    while let source = waitForSource() {
      do throws(ReplayError) {
        try follow(source) { [reporter] in
          if !told.isEmpty { reporter.report(.notice("the destination is as it should be again")) }
          told = ""
        }
      } catch {
        let trouble = TreelineError(error, destination: destination)
        guard error.mayPass, !options.once else {
          state.change { state in
            if state.failure == nil { state.failure = trouble }
            state.isStopping = true
          }
          state.with { $0.nudgeCapture }?()
          return
        }
        state.change { state in
          // What a person must decide stays the first thing to be told.
          if case .halted = state.phase { return }
          state.phase = .offline(trouble.description)
        }
        if trouble.description != told {
          told = trouble.description
          reporter.report(.warning("\(told); it is tried again until it can be"))
        }
        let deadline = monotonicNanoseconds() + Self.absentNanoseconds
        // What is missing there comes with the next start.
        let isStopping = state.wait(until: deadline) { state -> Bool? in
          if state.isStopping { return true }
          return state.hasDestinationNews ? false : nil
        }
        if isStopping == true { return }
      }
    }
  }

  private func waitForSource() -> SourceMark? {
    state.wait { state -> SourceMark?? in
      if let source = state.source { return .some(source) }
      return state.isCaptureOver || state.isStopping ? .some(nil) : nil
    } ?? nil
  }

  /// What there is to do next.
  private enum Work {
    case apply(Sequence)
    case sync(Int)
    case repair(Int, [ScrubSuspect])
    case look
    case retry
    case idle
    case end
  }

  /// Applies what is committed, until stopped or until the source is another.
  ///
  /// - Parameter succeeded: called when something was done: a full disk can be opened, too.
  private func follow(_ source: SourceMark, succeeded: () -> Void) throws(ReplayError) {
    let replayer = try makeReplayer(source)
    var held = holdCursor(replayer)
    state.change { if case .offline = $0.phase { $0.phase = .following } }
    publish(replayer)
    var retryAt: UInt64? = nil
    var rest = Self.retryNanosecondsMin
    var isIdle = false
    var stopBefore: UInt64? = nil
    var thinAt: UInt64? = nil
    while true {
      switch next(source, idleAt: isIdle ? nil : monotonicNanoseconds() + Self.idleNanoseconds, retryAt) {
      case .apply(let end):
        isIdle = false
        let progress = try replayer.step(upTo: end)
        publish(replayer)
        if options.sync == .commit { hold(&held, replayer) }
        if options.once {
          copied.objects += progress.objectsMade
          copied.bytes += progress.bytesCopied
        }
        if state.with({ $0.isStopping }) {
          stopBefore = stopBefore ?? monotonicNanoseconds() + Self.stopNanoseconds
          if monotonicNanoseconds() > stopBefore! {
            try replayer.syncNow()
            return hold(&held, replayer, atOnce: true)
          }
        }
      case .look:
        isIdle = false
        // What is open may be a disk that was unmounted lazily.
        try replayer.idle()
        try replayer.confirm()
        publish(replayer)
      case .sync(let wanted):
        isIdle = false
        // Another disk than the one that was let go of may be older.
        try replayer.confirm()
        publish(replayer)
        if state.with({ $0.applied < ($0.durable?.sequence ?? .zero) }) { continue }
        if replayer.exceptionCount > 0 { try replayer.retry() }
        try replayer.syncNow()
        publish(replayer)
        hold(&held, replayer)
        state.change { state in
          state.synced = state.applied
          state.syncsDone = wanted
        }
      case .repair(let ticket, let suspects):
        isIdle = false
        let outcomes = try replayer.repair(suspects).map { RepairOutcome($0) }
        publish(replayer)
        state.change { $0.repairs.answer(ticket, outcomes) }
      case .retry:
        try replayer.retry()
        publish(replayer)
        rest = min(rest * 2, Self.retryNanosecondsMax)
        retryAt = nil
      case .idle:
        // What the kernel writes when it sees fit is not known to be durable.
        if options.sync == .commit { hold(&held, replayer, atOnce: true) }
        try replayer.idle()
        isIdle = true
      case .end:
        try replayer.syncNow()
        tellCopied()
        return hold(&held, replayer, atOnce: true)
      }
      succeeded()
      if !isIdle, thinAt.map({ monotonicNanoseconds() >= $0 }) ?? true {
        try replayer.thinVersions(now: .now())
        let isSure = options.once || clock.with { $0.isSteady() }
        thinAt = monotonicNanoseconds() + (isSure ? Self.thinNanoseconds : Self.unsureNanoseconds)
      }
      if replayer.exceptionCount == 0 {
        retryAt = nil
        rest = Self.retryNanosecondsMin
      } else if retryAt == nil {
        retryAt = monotonicNanoseconds() + rest
      }
    }
  }

  private func next(_ source: SourceMark, idleAt: UInt64?, _ retryAt: UInt64?) -> Work {
    let deadline: UInt64? = idleAt == nil ? retryAt : min(idleAt!, retryAt ?? .max)
    let work = state.wait(until: deadline) { state -> Work? in
      // After the capture stage has ended what is not durable never will be.
      if state.hasDestinationNews {
        state.hasDestinationNews = false
        return .look
      }
      let end = state.isCaptureOver ? state.durable : state.appended
      if let end, end.sequence > state.applied { return .apply(end.sequence) }
      if state.syncsWanted > state.syncsDone { return .sync(state.syncsWanted) }
      if let next = state.repairs.waiting.first { return .repair(next.ticket, next.suspects) }
      return state.isCaptureOver || state.source !== source ? .end : nil
    }
    if let work { return work }
    if let retryAt, monotonicNanoseconds() >= retryAt { return .retry }
    return .idle
  }

  private func tellCopied() {
    guard options.once else { return }
    reporter.report(.notice(
        "copied \(countText(copied.objects)) object\(copied.objects == 1 ? "" : "s"), \(sizeText(copied.bytes))"))
  }

  private func makeReplayer(_ source: SourceMark) throws(ReplayError) -> Replayer {
    var replay = ReplayOptions()
    switch options.adopt {
    case .times: replay.adopt = .times
    case .checksum: replay.adopt = .checksum
    case nil: replay.adopt = .no
    }
    replay.sync = options.sync == .commit ? .commit : .none
    replay.isReturning = hasOpened
    let reporter = reporter
    let destination = printable(destination)
    replay.onLoss = { reporter.report(.warning("\(destination) cannot hold all: \(describe($0))")) }
    replay.waitUntilDurable = { [state] sequence in
      state.wait { state in
        if let durable = state.durable, durable.sequence >= sequence { return true }
        return state.isCaptureOver ? false : nil
      } ?? false
    }
    replay.versionSeconds = options.versions?.components.seconds
    replay.versionBytes = options.versionsBytes?.bytes(at: self.destination)
    replay.isClockSteady = { [clock, once = options.once] in once || clock.with { $0.isSteady() } }
    replay.onRoomMade = { reporter.report(.warning(roomMadeText)) }
    if options.once, reporter.wantsProgress {
      replay.onAdvance = { reporter.report(.progress(.init(stage: "copying", $0))) }
    }
    replay.grafts = { [weak source] in source?.grafts ?? .empty }
    replay.onOpen = { [weak source] in source?.silence($0) }
    let root: Descriptor
    do throws(Errno) {
      root = try Descriptor.open(".", in: source.rootDescriptor, .list)
    } catch { throw .unavailable(error) }
    let replayer = try Replayer(
      journal: options.journal, destination: self.destination, source: root, options: replay)
    hasOpened = true
    return replayer
  }

  // MARK: Its standing

  /// Says once that files do not fit, for those who read what a daemon writes.
  private func tellShortage(_ exceptions: [ReplayException]) {
    let short = exceptions.filter { $0.reason.saysFull }
    defer { isShortageTold = !short.isEmpty }
    guard let first = short.first, !isShortageTold else { return }
    let others = short.count > 1 ? " and \(countText(UInt64(short.count - 1))) more" : ""
    reporter.report(
      .warning(
        "\(printable(first.path))\(others): \(describe(first.reason)); make room at \(printable(destination)), "
          + "it is tried again until it can be"))
  }

  /// How many troubles `status` shows; all are counted.
  private static let shownMax = 100

  private func publish(_ replayer: Replayer) {
    let applied = replayer.applied?.sequence ?? .zero
    let exceptions = replayer.exceptionCount == 0 ? [] : replayer.exceptions
    let problems = exceptions.prefix(Self.shownMax).map {
      Status.Problem(path: $0.path, message: describe($0.reason))
    }
    tellShortage(exceptions)
    let losses = describeLosses(replayer)
    let outdated = Set(exceptions.lazy.filter { $0.reason.isOutdated }.map(\.object))
    let now = monotonicNanoseconds()
    state.change { state in
      if applied != state.applied { state.lastAppliedAt = now }
      state.applied = applied
      state.exceptions = problems
      state.losses = losses
      state.exceptionIDs = outdated
      state.exceptionCount = exceptions.count
    }
  }
}

extension ReplayException.Reason {
  /// Whether another look at the source may settle it.
  var isOutdated: Bool {
    switch self {
    case .pending, .newer: true
    case .failed, .unreadable: false
    }
  }
}
