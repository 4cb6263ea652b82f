import Capture
import Journal
import LinuxSystem

extension CaptureStage {
  /// How often it is looked whether anything is to be dropped: at most so rarely, and eight times while the
  /// oldest comes of age.
  private static let retentionNanosecondsMax: UInt64 = 3_600_000_000_000
  private static let retentionNanosecondsMin: UInt64 = 1_000_000_000

  /// Closes a segment that is full, with a checkpoint at its end, and drops what is not to be kept: at the
  /// start, then hourly, and whenever a segment is full.
  func maintain(_ follower: SourceFollower, _ writer: JournalWriter) throws(TreelineError) {
    let isFull = writer.isSegmentFull(now: .now())
    guard isFull || monotonicNanoseconds() >= nextRetention else { return }
    if isFull { try checkpoint(follower, writer, sealing: true) }
    let part = (writer.retention.segmentSeconds ?? .max).multipliedReportingOverflow(by: 1_000_000_000)
    nextRetention =
      monotonicNanoseconds()
      + max(
        Self.retentionNanosecondsMin,
        min(Self.retentionNanosecondsMax, part.overflow ? .max : UInt64(part.partialValue)))
    if try retire(writer).wantsCheckpoint {
      try checkpoint(follower, writer, sealing: true)
      _ = try retire(writer)
    }
  }

  private func retire(_ writer: JournalWriter) throws(TreelineError) -> Retention.Outcome {
    do throws(JournalError) {
      let needed = state.with { state in
        // A destination that is being written is not left behind for the sake of room.
        options.destination != nil && state.phase == .following ? state.applied : nil
      }
      let outcome = try writer.retire(now: .now(), needed: needed)
      report(outcome)
      return outcome
    } catch {
      throw TreelineError(error, journal: options.journal)
    }
  }

  private func report(_ outcome: Retention.Outcome) {
    guard let end = outcome.droppedUpTo else { return }
    reporter.report(
      .notice(
        "the journal's commits up to \(end.rawValue) were dropped: \(outcome.segmentCount) segments, "
          + sizeText(outcome.bytes)))
    for lost in outcome.lost {
      reporter.report(
        .warning(
          "cursor \(lost.name), at commit \(lost.cursor.sequence.rawValue), must rescan: the journal took "
            + "twice what --retain-bytes allows, so what it needs was dropped"))
    }
  }
}
