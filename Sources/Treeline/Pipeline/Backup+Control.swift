import Capture
import LinuxSystem
import Tree

/// What a running backup answers at its control socket.
extension Backup {
  /// How often a flush has objects looked at again that did not hold still.
  private static var flushTriesMax: Int { 5 }

  public func flush(deadline: UInt64?, sweeps: Bool) -> FlushResult {
    if sweeps { state.with { $0.isSweepWanted = true } }
    var last: FlushResult = .failed("nothing was tried")
    for attempt in 0..<Self.flushTriesMax {
      last = flushOnce(deadline, lookAgain: attempt > 0)
      guard case .incomplete = last, state.with({ !$0.exceptionIDs.isEmpty }) else { break }
    }
    return last
  }

  /// Captures all, and waits for the destination to hold it.
  private func flushOnce(_ deadline: UInt64?, lookAgain: Bool) -> FlushResult {
    let (wanted, nudge) = state.change { state in
      state.flushesWanted += 1
      if lookAgain { state.lookAgain.formUnion(state.exceptionIDs) }
      return (state.flushesWanted, state.nudgeCapture)
    }
    nudge?()
    let captured = state.wait(until: deadline) { state -> FlushStep<Sequence>? in
      if let end = Self.obstacle(state) { return .ended(end) }
      return state.flushesCaptured >= wanted ? .reached(state.durable?.sequence ?? .zero) : nil
    }
    guard case .reached(let sequence) = captured else { return captured?.result ?? .late }
    guard options.destination != nil else { return .done(sequence) }
    let applied = state.wait(until: deadline) { state -> FlushStep<Int>? in
      if let end = Self.obstacle(state) { return .ended(end) }
      guard state.applied >= sequence else { return nil }
      state.syncsWanted += 1
      return .reached(state.syncsWanted)
    }
    guard case .reached(let sync) = applied else { return applied?.result ?? .late }
    state.change { _ in }
    let synced = state.wait(until: deadline) { state -> FlushStep<Void>? in
      if let end = Self.obstacle(state) { return .ended(end) }
      return state.syncsDone >= sync ? .reached(()) : nil
    }
    guard case .reached = synced else { return synced?.result ?? .late }
    // Later commits may have been applied together with that one: the destination can be restored as of the last.
    return state.with { state in
      let problems = state.exceptions + state.losses + state.unreadable
      return problems.isEmpty ? .done(max(sequence, state.applied)) : .incomplete(problems)
    }
  }

  private enum FlushStep<Value> {
    case reached(Value)
    case ended(FlushResult)

    var result: FlushResult? { if case .ended(let result) = self { result } else { nil } }
  }

  static func obstacle(_ state: PipelineState) -> FlushResult? {
    if let failure = state.failure { return .failed(failure.description) }
    switch state.phase {
    case .offline(let why): return .unavailable(why)
    case .halted(let why): return .halted(why)
    case .stopped: return .failed("the backup was stopped")
    case .scanning, .following: return state.isCaptureOver ? .failed("the backup is stopping") : nil
    }
  }

  public func resume(isDry: Bool) -> ResumeResult {
    state.change { state in
      if let offer = state.offer {
        if !isDry { state.offer!.isAccepted = true }
        return isDry ? .would(offer.what) : .resumed(offer.what)
      }
      guard case .halted(let why) = state.phase else {
        guard let doubt = state.doubt else { return .notHalted }
        if !isDry {
          state.isDoubtOver = true
          state.nudgeCapture?()
        }
        let what = "deletes again what is deleted in the source, though \(doubt)"
        return isDry ? .would(what) : .resumed(what)
      }
      return .refused("\(why); that cannot be decided while it runs")
    }
  }

  public func status() -> Status {
    let now = monotonicNanoseconds()
    return state.with { state in
      let phase: Status.State
      let kind = state.markKind ?? options.mark.kind
      switch state.phase {
      case .scanning: phase = .scanning
      case .following: phase = .following
      case .offline: phase = .offline
      case .halted: phase = .halted
      case .stopped: phase = .stopped
      }
      var status = Status(
        state: phase, source: options.source, destination: options.destination ?? [],
        journal: options.journal, mark: kind.rawValue,
        captured: state.durable?.sequence ?? .zero, applied: state.applied)
      status.since = state.phaseBegan
      status.unseen = kind.unseen
      if options.destination != nil, status.applied < status.captured, state.lastAppliedAt > 0 {
        status.lagSeconds = Double(now - state.lastAppliedAt) / 1e9
      }
      status.pendingObjects = UInt64(state.exceptionCount + state.unsettledCount)
      status.mirrorNodes = UInt64(state.nodeCount)
      status.mirrorBytes = UInt64(state.mirrorBytes)
      status.overflows = UInt64(state.overflows)
      status.rescans = UInt64(state.rescans)
      status.mounts = state.mounts
      status.errors = state.exceptions + state.losses + state.unreadable
      if let doubt = state.doubt {
        status.errors.append(
          .init(
            path: options.source,
            message: "\(doubt); what is deleted in it stays at the destination until `treeline resume`"))
      }
      switch state.phase {
      case .offline(let why): status.errors.append(.init(path: [], message: why))
      case .halted(let why): status.errors.append(.init(path: options.source, message: why))
      default: break
      }
      status.sweepPercent = options.sweepPercent
      status.sweepEnded = state.sweepEnded
      status.readySeconds = state.readySeconds
      return status
    }
  }
}

extension FlushResult {
  static let late = FlushResult.failed("the time was over before everything was at the destination")
}
