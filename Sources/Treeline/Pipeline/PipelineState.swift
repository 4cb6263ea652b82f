import Capture
import Journal
import LinuxSystem
import Tree

/// What the stages of a backup share: each writes its own part, and waits for the others'.
struct PipelineState {
  /// What the backup is doing, as `status` says it.
  enum Phase: Equatable {
    case scanning
    case following
    /// The source or the destination is not there.
    case offline(String)
    /// A person must decide.
    case halted(String)
    case stopped
  }

  var phase = Phase.scanning {
    didSet { if phase != oldValue { phaseBegan = .now() } }
  }
  /// When the phase began, or the reason for it.
  var phaseBegan = Timestamp.now()
  var isStopping = false {
    didSet { if isStopping { ending.change { $0 = true } } }
  }
  /// Whether it stops, for who waits for nothing else: woken at every commit, such threads would stand in
  /// the way of those that have to do with it.
  let ending = Guarded(false)
  /// What a person may have done with `resume`, while one must decide.
  var offer: HaltOffer? = nil
  /// The source, while it is there; content is copied from it.
  var source: SourceMark? = nil
  /// How the source is marked; nil before it was there.
  var markKind: MarkKind? = nil
  /// The capture stage has committed all that it will.
  var isCaptureOver = false
  /// What ended a stage; the first one counts.
  var failure: TreelineError? = nil

  /// Has the capture stage look at this state again.
  var nudgeCapture: (@Sendable () -> Void)? = nil

  // Written by the capture stage.
  /// The last commit that can be read: what it asks for may be prepared, and not be done.
  var appended: Cursor? = nil
  /// The last commit that a crash cannot take back.
  var durable: Cursor? = nil
  var nodeCount = 0
  var mirrorBytes = 0
  var unsettledCount = 0
  var overflows = 0
  var rescans = 0
  var unreadable: [Status.Problem] = []
  /// What is mounted inside the source, and what becomes of it.
  var mounts: [Status.Problem] = []
  /// When the last look at the whole tree ended that nothing had asked for.
  var sweepEnded: Timestamp? = nil
  /// Why what is gone from the source is not removed at the destination.
  var doubt: String? = nil
  var readySeconds: Double? = nil
  /// How many flushes have everything captured that happened before them.
  var flushesCaptured = 0

  // Written by the replay stage.
  var applied = Sequence.zero
  /// All of the destination up to here is on its disk.
  var synced = Sequence.zero
  /// How many requests to sync were carried out.
  var syncsDone = 0
  var exceptions: [Status.Problem] = []
  /// What the destination cannot hold.
  var losses: [Status.Problem] = []
  var exceptionIDs: Set<ObjectID> = []
  var exceptionCount = 0
  var lastAppliedAt: UInt64 = 0
  /// Something was mounted or unmounted where the destination is.
  var hasDestinationNews = false

  // Written by those who flush.
  /// A person believes the source's filesystem again.
  var isDoubtOver = false
  var flushesWanted = 0
  /// A flush wants the whole tree looked at, announced or not.
  var isSweepWanted = false
  /// Objects to be looked at again in the next round.
  var lookAgain: Set<ObjectID> = []
  var syncsWanted = 0

  // Written by those who repair, and by the replay stage.
  var repairs = RepairQueue()
}
