import Capture
import Exclusion
import Glibc
import Journal
import LinuxSystem
import Replay
import SystemPackage
import Tree

/// A backup, or a recording, of one source: it wires the stages, owns their threads, and answers the
/// control socket.
public final class Backup: ControlHandler, Sendable {
  let options: BackupOptions
  private let reporter: any Reporter
  let state = Guarded(PipelineState())

  /// How often the standing is reported.
  private static let standingNanoseconds: UInt64 = 60_000_000_000
  /// How often a source that is not there is looked for.
  private static let absentNanoseconds: UInt64 = 2_000_000_000

  /// Checks what is asked, and writes nothing.
  public init(_ options: BackupOptions, report: any Reporter) throws(TreelineError) {
    self.options = options
    reporter = report
    try Self.checkIsDirectory(options.source)
    do throws(ReplayError) {
      try checkPlacement(
        source: Self.isThere(options.source) ? options.source : nil,
        destination: options.destination, journal: options.journal)
    } catch {
      throw TreelineError(error, destination: options.destination ?? options.journal)
    }
  }

  private static func checkIsDirectory(_ source: [UInt8]) throws(TreelineError) {
    do throws(Errno) {
      _ = try withCString(source) { path throws(Errno) in
        try Descriptor.open(path, in: AT_FDCWD, .listPlace)
      }
    } catch .notDirectory {
      throw TreelineError(CaptureError.notADirectory, source: source)
    } catch {
      // What is not there may come.
    }
  }

  private static func isThere(_ path: [UInt8]) -> Bool {
    withCString(path) { access($0, F_OK) == 0 }
  }

  /// Runs until stopped; with `once`, until the destination is up to date.
  public func run() throws(TreelineError) -> ExitCode {
    guard let (capture, session, directory) = try prepare() else { return .done }
    let server = try ControlServer(journal: directory.raw, handler: self)
    defer { server.stop() }
    announce()
    var threads = [Thread("treeline-look") { capture.run(session) }]
    if let destination = options.destination {
      let replay = ReplayStage(
        options, destination: destination, state: state, reporter: reporter)
      threads.append(Thread("treeline-replay") { replay.run() })
    }
    if !options.once {
      let upkeep = UpkeepStage(options, state: state, reporter: reporter)
      threads.append(Thread("treeline-upkeep") { upkeep.run() })
    }
    let result = options.once ? runOnce() : nil
    waitForStop()
    requestStop()
    for thread in threads { thread.join() }
    state.change { $0.phase = .stopped }
    if let failure = state.with({ $0.failure }) { throw failure }
    return try exitCode(result)
  }

  /// Stops in order: what is captured stays captured.
  public func requestStop() {
    let nudge = state.change { state in
      state.isStopping = true
      return state.nudgeCapture
    }
    nudge?()
  }

  // MARK: Parts of a run

  /// Marks the source and opens the journal. Only the capture stage has the mark afterwards: it lets go
  /// of it when the source is unmounted.
  ///
  /// - Returns: nil when the program was stopped before the source was there.
  private func prepare() throws(TreelineError)
    -> (CaptureStage, JournalSession, JournalPlaceHandle)?
  {
    guard let mark = try waitForSource() else { return nil }
    guard !options.crossesFilesystems || mark.canFollowMounts else {
      throw TreelineError(
        "follow what is mounted inside", path: options.source, why: "its filesystem is not marked as a whole",
        advice: "--cross-filesystems needs --mark filesystem", exitCode: .usage)
    }
    try JournalPlace.makeParents(of: options.journal)
    let session = try JournalSession(of: mark, options, reporter: reporter)
    let (directory, excluded) = try openJournalDirectory(mark)
    if mark.seesBeginnings == false {
      reporter.report(
        .warning(
          "--who is not told when processes begin: of many that end at once only the number will be known"))
    }
    let leaving = try announceExcludes(session) + announceMountsLeft(session)
    let capture = CaptureStage(
      options, mark, excluded: excluded, leaving: leaving, state: state, reporter: reporter)
    return (capture, session, directory)
  }

  private func waitForSource() throws(TreelineError) -> SourceMark? {
    var isSaid = false
    while true {
      do throws(CaptureError) {
        let mark = try options.mark.mark(options.source, who: options.who) { refusal in
          let reason = TreelineError(refusal, source: options.source).why
          reporter.report(
            .notice("the filesystem is not marked as a whole: \(reason); each directory is, one by one"))
        }
        state.change { $0.markKind = mark.kind }
        return mark
      } catch {
        guard case .unavailable(.noSuchFileOrDirectory) = error, !options.once else {
          throw TreelineError(error, source: options.source)
        }
        if !isSaid {
          reporter.report(.warning("\(printable(options.source)) is not there; waiting for it"))
        }
        isSaid = true
        state.change { $0.phase = .offline("the source is not there") }
        let deadline = monotonicNanoseconds() + Self.absentNanoseconds
        if state.wait(until: deadline, { $0.isStopping ? true : nil }) != nil { return nil }
      }
    }
  }

  /// The journal is left out of the source by what it is, not by where it is.
  private func openJournalDirectory(
    _ mark: SourceMark
  ) throws(TreelineError) -> (JournalPlaceHandle, Set<ObjectKey>) {
    do throws(Errno) {
      let directory = try withCString(options.journal) { path throws(Errno) in
        try Descriptor.open(path, in: AT_FDCWD, .listPlace)
      }
      let key = try mark.identity.key(of: directory.raw)
      let device = try FileStatus.of(directory.raw).device
      var excluded: Set<ObjectKey> = device == mark.rootStatus.device ? [key] : []
      // Each subvolume of btrfs has a device number of its own.
      if key.btrfsSubvolume != nil,
        let same = try? key.open(mount: mark.rootDescriptor, flags: OpenFlags.walk.rawValue),
        try FileStatus.of(same.raw).device == device
      { excluded = [key] }
      return (JournalPlaceHandle(directory), excluded)
    } catch {
      throw TreelineError("open the journal", path: options.journal, error)
    }
  }

  /// Says what the rules do that cannot be meant, and what they do that the last run's did not.
  ///
  /// - Returns: how many names leave the backup.
  private func announceExcludes(_ session: JournalSession) throws(TreelineError) -> Int {
    for pattern in options.rules.patterns.patterns where pattern.matchesNothing {
      reporter.report(.warning("no name matches the pattern \(printable(pattern.text))"))
    }
    let recorded = try recordedExcludes(journal: options.journal) ?? ExclusionRules()
    guard !session.isFirstScan, recorded != options.rules else { return 0 }
    let change = ExcludeChange(session.mirror, leavingOut: options.rules)
    let text = change.text(destination: options.destination)
    reporter.report(change.count > 0 ? .warning(text) : .notice(text))
    return change.count
  }

  /// Says what leaves the backup because mounts were followed in the last run and are not any more.
  ///
  /// - Returns: how many objects that are.
  private func announceMountsLeft(_ session: JournalSession) -> Int {
    guard !options.crossesFilesystems else { return 0 }
    let count = session.mirror.graftedCount
    if count > 0 {
      reporter.report(
        .warning(
          "what is mounted inside the source is not followed any more: \(count) objects will leave the backup"))
    }
    return count
  }

  private func announce() {
    let kind = state.with { $0.markKind } ?? options.mark.kind
    var text = "watching \(printable(options.source)) through \(kind.phrase)"
    text += ", journal \(printable(options.journal))"
    if let destination = options.destination { text += ", destination \(printable(destination))" }
    reporter.report(.notice(text))
    let unseen = "not reported, and found by the sweep or at the next start: "
      + kind.unseen.joined(separator: "; ")
    reporter.report(kind == .filesystem ? .detail(unseen) : .notice(unseen))
  }

  private func runOnce() -> FlushResult {
    _ = state.wait { $0.readySeconds != nil || $0.isStopping ? true : nil }
    let result = flush(deadline: nil, sweeps: false)
    requestStop()
    return result
  }

  private func waitForStop() {
    let ending = state.with { $0.ending }
    while true {
      let deadline = monotonicNanoseconds() + Self.standingNanoseconds
      if ending.wait(until: deadline, { $0 ? true : nil }) != nil { return }
      reporter.report(.standing(standing()))
    }
  }

  private func standing() -> String {
    let status = status()
    return "\(status.state.rawValue): commit \(status.captured.rawValue), applied "
      + "\(status.applied.rawValue), \(status.pendingObjects) pending"
  }

  private func exitCode(_ result: FlushResult?) throws(TreelineError) -> ExitCode {
    switch result {
    case nil, .done: return .done
    case .incomplete(let problems):
      for problem in problems {
        reporter.report(.warning(problem.text))
      }
      return .incomplete
    case .unavailable: return .unavailable
    case .halted: return .halted
    case .failed: return state.with { $0.isStopping } ? .done : .failed
    }
  }
}
