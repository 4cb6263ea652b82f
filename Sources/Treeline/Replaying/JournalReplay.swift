import Glibc
import Journal
import LinuxSystem
import Replay
import SystemPackage
import Tree

/// Brings a journal to a destination once; the threads of a backup do the same for as long as it runs.
public final class JournalReplay: Sendable {
  private struct State {
    var isStopping = false
    var applied = Sequence.zero
    var objects: UInt64 = 0
    var bytes: UInt64 = 0
  }

  private let request: ReplayRequest
  private let reporter: any Reporter
  private let onStep: @Sendable (ReplayLine) -> Void
  private let state = Guarded(State())

  /// Checks what is asked, and writes nothing.
  public init(
    _ request: ReplayRequest, report: any Reporter, onStep: @escaping @Sendable (ReplayLine) -> Void
  ) throws(TreelineError) {
    self.request = request
    reporter = report
    self.onStep = onStep
  }

  /// Lets the batch under way end, and no other begin.
  public func requestStop() { state.with { $0.isStopping = true } }

  /// One line on how far it is.
  public var standing: String {
    state.with {
      let commit = "up to commit \($0.applied.rawValue)"
      if request.dryRun { return "nothing was done; these are the steps \(commit)" }
      return "applied \(commit): \(countText($0.objects)) object\($0.objects == 1 ? "" : "s") made, \(sizeText($0.bytes)) copied"
    }
  }

  /// Replays up to the end, or the commit that was asked for.
  ///
  /// - Returns: `incomplete` when objects are not as the journal says; each was named.
  public func run() throws(TreelineError) -> ExitCode {
    let until = try request.until.map { moment throws(TreelineError) in
      try lastCommit(of: request.journal, at: moment)
    }
    let source = try openSource()
    var options = ReplayOptions()
    options.adopt = request.adopt.map { $0 == .times ? .times : .checksum } ?? .no
    options.sync = request.sync == .commit ? .commit : .none
    options.versionSeconds = request.versions?.components.seconds
    options.versionBytes = request.versionsBytes?.bytes(at: request.destination)
    options.grafts = mountedInside(
      request.source ?? (try? JournalReader.open(at: request.journal).source.path) ?? [])
    options.onRoomMade = { [reporter] in reporter.report(.warning(roomMadeText)) }
    options.until = until
    options.dryRun = request.dryRun
    options.allowNewer = request.allowNewer
    options.onStep = { [onStep] step in
      // The root itself has an empty path.
      let path = step.path.isEmpty ? [0x2e] : step.path
      onStep(ReplayLine(operation: step.operation.rawValue, path: path, from: step.from))
    }
    options.onLoss = { [reporter] loss in
      reporter.report(.warning("the destination does not keep \(describe(loss))"))
    }
    if reporter.wantsProgress {
      options.onAdvance = { [reporter] in reporter.report(.progress(.init(stage: "replaying", $0))) }
    }
    do throws(ReplayError) {
      var held = try holdCursor()
      let replayer = try Replayer(
        journal: request.journal, destination: request.destination, source: source, options: options)
      try advance(replayer)
      if !request.dryRun {
        try replayer.thinVersions(now: .now())
        try replayer.syncNow()
        if let applied = replayer.applied {
          do throws(JournalError) { try held?.move(to: applied, atOnce: true) } catch {
            throw .journal(error)
          }
        }
      }
      return conclude(replayer)
    } catch {
      throw TreelineError(error, destination: request.destination)
    }
  }

  /// Registers the destination, before it is known how far it is: what the journal has is held.
  private func holdCursor() throws(ReplayError) -> HeldCursor? {
    guard let name = request.cursor, !request.dryRun else { return nil }
    do throws(JournalError) {
      let journal = try JournalReader.open(at: request.journal)
      var held = try HeldCursor(name, label: request.destination, journal: request.journal)
      if let trouble = try held.trouble(in: journal) {
        reporter.report(.warning(trouble))
        try held.move(to: journal.oldest, atOnce: true)
      } else if held.last == nil {
        try held.move(to: journal.oldest, atOnce: true)
      }
      return held
    } catch { throw .journal(error) }
  }

  private func advance(_ replayer: Replayer) throws(ReplayError) {
    while !state.with({ $0.isStopping }) {
      let progress = try replayer.step()
      state.with { state in
        state.applied = progress.applied
        state.objects += progress.objectsMade
        state.bytes += progress.bytesCopied
      }
      if !progress.hasMore { return }
    }
  }

  private func conclude(_ replayer: Replayer) -> ExitCode {
    reporter.report(.notice(standing))
    // A dry run copies nothing, so it cannot tell what would be missing.
    if request.dryRun { return .done }
    let exceptions = replayer.exceptions
    for exception in exceptions {
      reporter.report(.warning("\(printable(exception.path)): \(describe(exception.reason))"))
    }
    let losses = describeLosses(replayer)
    for loss in losses { reporter.report(.warning(loss.text)) }
    return exceptions.isEmpty && losses.isEmpty ? .done : .incomplete
  }

  /// The source's root, and a refusal of what lies in one another.
  private func openSource() throws(TreelineError) -> Descriptor {
    let path: [UInt8]
    do throws(JournalError) {
      if let given = request.source {
        path = given
      } else {
        path = try JournalReader.open(at: request.journal).source.path
      }
    } catch {
      throw TreelineError(error, journal: request.journal)
    }
    do throws(ReplayError) {
      try checkPlacement(
        source: path, destination: request.destination, journal: request.journal)
    } catch .unavailable(let errno) {
      throw TreelineError(
        "reach the source", path: path, errno, advice: "say with --source where it is now",
        exitCode: .unavailable)
    } catch {
      throw TreelineError(error, destination: request.destination)
    }
    do throws(Errno) {
      return try withCString(path) { text throws(Errno) in
        try Descriptor.open(text, in: AT_FDCWD, .listPlace)
      }
    } catch {
      throw TreelineError(
        "read the source", path: path, error, advice: "say with --source where it is now",
        exitCode: .unavailable)
    }
  }
}
