import Capture
import Journal
import LinuxSystem
import Tree

/// What the capture stage writes to the journal.
extension CaptureStage {
  func commit(
    _ follower: SourceFollower, _ writer: JournalWriter, marks: [Mark], flags: CommitFlags
  ) throws(TreelineError) {
    follower.takeChanges(into: &changes)
    follower.attribute(changes, into: &attribution)
    objectsSinceCheckpoint += changes.objects.count
    do throws(JournalError) {
      let appended = try writer.append(
        changes, by: attribution, marks: marks, flags: flags, rawTime: .now(),
        drainedSeconds: follower.drainedSeconds)
      state.change { $0.appended = appended }
      let cursor = try writer.sync()
      let nodes = follower.mirror.nodeCount
      let bytes = follower.mirror.residentBytes
      let unsettled = follower.unsettledCount
      state.change { state in
        state.durable = cursor
        state.nodeCount = nodes
        state.mirrorBytes = bytes
        state.unsettledCount = unsettled
      }
    } catch {
      throw TreelineError(error, journal: options.journal)
    }
  }

  /// - Parameter sealing: the next commit begins a segment, so that all before can be dropped once.
  func checkpoint(
    _ follower: SourceFollower, _ writer: JournalWriter, sealing: Bool = false
  ) throws(TreelineError) {
    do throws(JournalError) {
      let checkpoint = try writer.beginCheckpoint(
        at: writer.last, nextObjectID: follower.mirror.nextID)
      try follower.mirror.forEachChunk { chunk throws(JournalError) in try checkpoint.add(chunk) }
      try checkpoint.commit()
      if sealing { try writer.seal() }
      objectsSinceCheckpoint = 0
    } catch {
      throw TreelineError(error, journal: options.journal)
    }
  }
}
