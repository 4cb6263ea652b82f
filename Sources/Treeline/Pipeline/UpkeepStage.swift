import Glibc
import Journal
import LinuxSystem

/// Indexes the journal, and makes what is old smaller, while it is written: on one thread that yields to all others.
final class UpkeepStage: @unchecked Sendable {
  private let options: BackupOptions
  private let state: Guarded<PipelineState>
  private let reporter: any Reporter

  /// How much of the journal is not indexed is what is written in this time, and less than a part.
  private static let intervalNanoseconds: UInt64 = 60_000_000_000
  private static let roundsBetweenCompactions = 10
  /// Where what was written since the last round stands.
  private static let newSegmentCount = 3
  /// Of this thread alone. See setpriority(2).
  private static let niceness: Int32 = 19

  init(_ options: BackupOptions, state: Guarded<PipelineState>, reporter: any Reporter) {
    self.options = options
    self.state = state
    self.reporter = reporter
  }

  /// Runs until stopped: the body of the thread.
  func run() {
    _ = setpriority(Int32(bitPattern: PRIO_PROCESS.rawValue), 0, Self.niceness)
    // The first scan and the first copy need the machine, and the memory, more.
    guard state.wait({ $0.isStopping ? false : $0.readySeconds != nil ? true : nil }) == true else { return }
    var round = 0
    while !isStopping(within: Self.intervalNanoseconds) {
      do throws(JournalError) {
        if round % Self.roundsBetweenCompactions == 0 {
          try keepUp(isFirst: round == 0)
        } else {
          try index(Self.newSegmentCount)
        }
      } catch {
        // What cannot be made smaller is as good as before; damage is told by whoever needs what it hit.
        reporter.report(.detail(TreelineError(error, journal: options.journal).description))
      }
      round += 1
    }
  }

  private func isStopping(within nanoseconds: UInt64) -> Bool {
    let deadline = monotonicNanoseconds() + nanoseconds
    return state.with { $0.ending }.wait(until: deadline) { $0 ? true : nil } ?? false
  }

  private func index(_ segmentCount: Int = .max, isChecked: Bool = false) throws(JournalError) {
    try JournalIndex.build(at: options.journal, newest: segmentCount, isChecked: isChecked) { [state] in
      state.with { $0.isStopping }
    }
  }

  private func keepUp(isFirst: Bool) throws(JournalError) {
    try index(isChecked: isFirst)
    let outcome = try JournalCompaction.run(at: options.journal, .automatic, now: .now()) { [state] in
      state.with { $0.isStopping }
    }
    guard outcome.segmentCount > 0 else { return }
    try index()
    reporter.report(
      .notice(
        "\(outcome.segmentCount) segments of the journal take \(sizeText(outcome.bytesAfter)) in place of "
          + sizeText(outcome.bytesBefore)))
  }
}
