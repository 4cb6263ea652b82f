import Capture
import Journal
import LinuxSystem
import SystemPackage
import Tree

/// Nothing is removed that may have been lost instead.
extension CaptureStage {
  /// Halts before more is removed than a person would expect, or anything at all while the source's
  /// filesystem is not believed, until one says that it is meant.
  func guardRemovals(
    _ follower: SourceFollower, _ writer: JournalWriter, _ marks: inout [Mark]
  ) throws(TreelineError) {
    let removed = follower.mirror.pendingRemovals
    guard removed > 0 else { return }
    let total = follower.mirror.nodeCount + removed
    guard let message = objection(removing: removed, of: total, away: follower.awayRemovals)
    else { return removals.note(removed) }
    try commitErrors(follower, writer, &marks)
    let phase = state.change { state in
      defer {
        state.phase = .halted(message)
        state.offer = HaltOffer(what: removal(of: removed, total))
      }
      return state.phase
    }
    defer { state.change { $0.offer = nil } }
    reporter.report(
      .warning(
        "halted: \(message); nothing more is deleted at the destination"
          + (options.once ? "" : "; `treeline resume` goes on")))
    // The drain goes on, and nothing is committed, until a person decides.
    let isMeant = state.wait { [options] state -> Bool? in
      if state.offer?.isAccepted == true { return true }
      return state.isStopping || options.once ? false : nil
    }
    guard isMeant == true else {
      let advice =
        doubt.reason == nil
        ? "if that was meant, start again with --max-delete 100"
        : "have the filesystem checked; if nothing was lost, start again without --once and say `treeline resume`"
      throw TreelineError(
        "go on with", path: options.source, why: message, advice: advice, exitCode: .halted)
    }
    removals.allow()
    try doubt.end()
    marks.append(Mark(kind: .halt, payload: Array(message.utf8)))
    marks.append(Mark(kind: .resume))
    state.change { state in
      state.phase = phase
      state.doubt = nil
    }
    reporter.report(.notice("resumed: \(removal(of: removed, total))"))
  }

  /// Looks for objects that have no name and were found nowhere, where they are so many that it would be too
  /// much if they were gone: a commit takes their names away at the destination. While everything is being
  /// deleted each look leaves more of them.
  func seekUnfound(
    _ follower: SourceFollower, _ round: inout SourceFollower.Round, waived: Bool
  ) throws(CaptureError) {
    for _ in 0..<Self.searchesMax {
      let unfound = follower.unfoundCount
      let gone = follower.mirror.pendingRemovals + unfound
      let total = follower.mirror.nodeCount + follower.mirror.pendingRemovals
      guard unfound > 0, removals.excess(removing: gone, of: total) != nil else { return }
      round.join(try follower.round(waived: waived))
    }
  }

  /// Why something must not be removed unless a person says so; nil when it may be.
  ///
  /// - Parameter away: how many of them are on filesystems that are not mounted now.
  private func objection(removing removed: Int, of total: Int, away: Int) -> String? {
    let share = removals.excess(removing: removed, of: total)
    if let reason = doubt.reason {
      return "\(removed) objects are gone from \(printable(options.source)), and \(reason)"
    }
    if away > 0, leaving == 0 {
      return "\(away) objects in \(printable(options.source)) are on a filesystem that is away, and something else is in its place"
    }
    guard let share else { return nil }
    return leaving == 0
      ? "\(share) % of the objects in \(printable(options.source)) were deleted within an hour"
      : "\(share) % of the objects in \(printable(options.source)) were deleted or are left out now"
  }

  private func removal(of count: Int, _ total: Int) -> String {
    let place = options.destination.map { "at \(printable($0))" } ?? "in the journal"
    return "removes \(count) of \(total) objects \(place), which are gone or left out in \(printable(options.source))"
  }

  // MARK: Errors of the filesystem

  /// From here on nothing is removed, if the filesystem reported an error of its own.
  func noteFilesystemError(
    _ round: SourceFollower.Round, _ marks: inout [Mark]
  ) throws(TreelineError) {
    guard let code = round.filesystemError, let text = try doubt.note(code) else { return }
    marks.append(Mark(kind: .filesystemError, payload: Array("\(Errno(rawValue: code))".utf8)))
    state.change { $0.doubt = text }
    reporter.report(
      .warning("\(text); what is deleted in it stays at the destination until `treeline resume`"))
  }

  /// A person may go on before anything was deleted.
  func endDoubtIfAsked(_ marks: inout [Mark]) throws(TreelineError) {
    let isAsked = state.with { state in
      defer { state.isDoubtOver = false }
      return state.isDoubtOver
    }
    guard isAsked, let reason = doubt.reason else { return }
    try doubt.end()
    marks.append(Mark(kind: .halt, payload: Array(reason.utf8)))
    marks.append(Mark(kind: .resume))
    state.change { $0.doubt = nil }
  }

  /// What the filesystem reported is in the journal before anyone waits for a person; a commit of its own
  /// that changes nothing. The first scan's commits are told with its end.
  private func commitErrors(
    _ follower: SourceFollower, _ writer: JournalWriter, _ marks: inout [Mark]
  ) throws(TreelineError) {
    let errors = marks.filter { $0.kind == .filesystemError }
    guard !errors.isEmpty, !isFirstScan else { return }
    marks.removeAll { $0.kind == .filesystemError }
    do throws(JournalError) {
      _ = try writer.append(
        ChangeSet(), marks: errors, rawTime: .now(), drainedSeconds: follower.drainedSeconds)
      let cursor = try writer.sync()
      state.change { state in
        state.appended = cursor
        state.durable = cursor
      }
    } catch {
      throw TreelineError(error, journal: options.journal)
    }
  }
}
