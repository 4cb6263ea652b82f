import Glibc
import Journal
import LinuxSystem

/// Summarizes sealed segments, and makes what is old smaller, while the journal is written: on one thread that yields to all others.
final class UpkeepStage: @unchecked Sendable {
  private let options: BackupOptions
  private let state: Guarded<PipelineState>
  private let reporter: any Reporter

  private static let intervalNanoseconds: UInt64 = 600_000_000_000
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
    // The first scan and the first copy need the machine more.
    guard state.wait({ $0.isStopping ? false : $0.readySeconds != nil ? true : nil }) == true else { return }
    repeat {
      do throws(JournalError) { try keepUp() } catch {
        // What cannot be made smaller is as good as before; damage is told by whoever needs what it hit.
        reporter.report(.detail(TreelineError(error, journal: options.journal).description))
      }
    } while state.wait(
      until: monotonicNanoseconds() + Self.intervalNanoseconds, { $0.isStopping ? true : nil }) == nil
  }

  private func keepUp() throws(JournalError) {
    try JournalIndex.build(at: options.journal) { [state] in state.with { $0.isStopping } }
    let outcome = try JournalCompaction.run(at: options.journal, .automatic, now: .now()) { [state] in
      state.with { $0.isStopping }
    }
    guard outcome.segmentCount > 0 else { return }
    reporter.report(
      .notice(
        "\(outcome.segmentCount) segments of the journal take \(sizeText(outcome.bytesAfter)) in place of "
          + sizeText(outcome.bytesBefore)))
  }
}
