import LinuxSystem
import Tree

/// An amount of work of a replay: objects that change, and bytes of content.
package struct ReplayAmount: Hashable, Sendable {
  package var objects: UInt64
  package var bytes: UInt64

  package init(objects: UInt64 = 0, bytes: UInt64 = 0) {
    self.objects = objects
    self.bytes = bytes
  }

  /// What a change set asks for.
  init(_ changes: ChangeSet) {
    self.init(objects: UInt64(changes.objects.count))
    for change in changes.objects
    where change.facts.contains(.content) && !change.facts.contains(.removed) && change.attributes.kind == .regular {
      bytes &+= change.attributes.sizeBytes
    }
  }

  static func + (a: ReplayAmount, b: ReplayAmount) -> ReplayAmount {
    ReplayAmount(objects: a.objects &+ b.objects, bytes: a.bytes &+ b.bytes)
  }
}

/// How far a replay is while it goes on.
package struct ReplayAdvance: Sendable {
  package var done: ReplayAmount
  /// All that the journal asked for when it was read last.
  package var total: ReplayAmount
  /// What is being made; empty before the first.
  package var path: [UInt8]
}

/// Counts what a replay has done while it goes on; the threads that make files tell it.
///
/// Done and total are both measured by what the commits say, so that one reaches the other at the end: what is
/// composed, compared or shared comes as one leap.
final class ReplayMeter: Sendable {
  private struct State {
    var total = ReplayAmount()
    var before = ReplayAmount()
    var batch = ReplayAmount()
    /// What is done of the batch.
    var done = ReplayAmount()
    var path: [UInt8] = []
    var dueAt: UInt64 = 0
  }

  /// News more often than this nobody reads.
  private static let restNanoseconds: UInt64 = 100_000_000

  private let state = Guarded(State())
  private let tell: @Sendable (ReplayAdvance) -> Void

  init(tell: @escaping @Sendable (ReplayAdvance) -> Void) { self.tell = tell }

  /// Notes that more is to be done than was known.
  func expect(_ amount: ReplayAmount) { state.with { $0.total = $0.total + amount } }

  /// Notes what the next plan is about.
  func begin(_ batch: ReplayAmount) {
    state.with {
      $0.batch = batch
      $0.done = ReplayAmount()
    }
    report(isDue: true)
  }

  /// Notes that a plan is done.
  func end() {
    state.with {
      $0.before = $0.before + $0.batch
      $0.batch = ReplayAmount()
      $0.done = ReplayAmount()
    }
    report(isDue: true)
  }

  /// Notes that bytes were copied.
  func note(bytes: UInt64) {
    state.with { $0.done.bytes &+= bytes }
    report(isDue: false)
  }

  /// Notes that an object is being made; where it is asked for its path.
  func note(object path: () -> [UInt8]) {
    if state.with({ monotonicNanoseconds() >= $0.dueAt }) {
      let path = path()
      state.with { $0.path = path }
    }
    state.with { $0.done.objects &+= 1 }
    report(isDue: false)
  }

  /// Notes what is being made and takes long.
  func note(large path: [UInt8]) { state.with { $0.path = path } }

  private func report(isDue: Bool) {
    let advance = state.with { state -> ReplayAdvance? in
      let now = monotonicNanoseconds()
      guard isDue || now >= state.dueAt else { return nil }
      state.dueAt = now + Self.restNanoseconds
      let done = ReplayAmount(
        objects: min(state.done.objects, state.batch.objects), bytes: min(state.done.bytes, state.batch.bytes))
      return ReplayAdvance(done: state.before + done, total: state.total, path: state.path)
    }
    if let advance { tell(advance) }
  }
}
