import LinuxSystem
import Tree

/// How a journal is brought to a destination.
package struct ReplayOptions: Sendable {
  /// How what is at the destination already is believed to be the source's.
  package enum Adopt: String, Sendable {
    /// It is not: a destination that is not empty and not ours is refused.
    case no
    /// By type, size and modification time.
    case times
    /// By content.
    case checksum
  }

  /// When what is written is made durable.
  package enum Sync: String, Sendable {
    case commit
    case none
  }

  package var adopt: Adopt = .no
  /// The destination was there before in this run: a place that is empty now is not taken over.
  package var isReturning = false
  package var sync: Sync = .commit
  /// How large the destination's own log may become, beside what recovery needs of it.
  package var historyBytes: UInt64 = 64 << 20
  /// And how large where versions are kept: what earlier states are made from. The oldest go first.
  package var statesBytes: UInt64 = 1 << 30
  /// After so many bytes of changes the whole tree is written into the log again, where versions are kept, or
  /// after twice as many as the tree took.
  package var treeBytes: UInt64 = 16 << 20
  /// How long what is replaced or removed is kept at the destination, in seconds; nil for not at all.
  package var versionSeconds: Int64?
  /// How much room that may take; nil for all there is.
  package var versionBytes: UInt64?
  /// The last commit that is applied; nil for all there are.
  package var until: Sequence?
  /// Says what would be done, and does nothing.
  package var dryRun = false
  /// Puts newer content under a name though `until` asks for an older state.
  package var allowNewer = false
  /// Waits until a commit is durable in the journal, and says whether it is; nil where all that can be
  /// read counts as durable. Content is staged meanwhile.
  package var waitUntilDurable: (@Sendable (Sequence) -> Bool)?
  /// Is told every step, in a dry run the very same ones.
  package var onStep: (@Sendable (ReplayStep) -> Void)?
  /// Whether the clock may be believed where something is let go of because of its age.
  package var isClockSteady: @Sendable () -> Bool = { true }
  /// Is told once for each kind of attribute that the destination cannot hold.
  package var onLoss: (@Sendable (AttributeLoss) -> Void)?

  /// Is told when the oldest versions went because the destination was full.
  package var onRoomMade: (@Sendable () -> Void)?
  /// What is mounted inside the source and followed, now; asked when content is on such a filesystem.
  package var grafts: @Sendable () -> GraftTable = { .empty }
  /// Is told how far it is, while it goes on, from any thread and several times a second; the journal is read
  /// once more for that, ahead of the replay.
  package var onAdvance: (@Sendable (ReplayAdvance) -> Void)?
  /// Is told, whenever the destination was opened, in which directories the replay's own files are made.
  package var onOpen: (@Sendable ([Int32]) -> Void)?

  package init() {}

  /// Whether content that is newer than its commit may be published.
  var takesNewer: Bool { until == nil || allowNewer }
}

/// One step at a destination, as a person is told it. Paths start at its root, without a slash.
package struct ReplayStep: Hashable, Sendable {
  package enum Operation: String, Sendable {
    case make, replace, move, link, remove, removeDirectory, attributes, adopt, foreign
  }

  package var operation: Operation
  package var path: [UInt8]
  /// Where it was, of a move or link.
  package var from: [UInt8]?
}

/// How far a replay has come.
package struct ReplayProgress: Sendable {
  /// The last commit that the destination holds; zero before the first.
  package var applied: Sequence
  /// Objects of which the destination does not hold what that commit says.
  package var exceptionCount: Int
  /// What this step did: objects made and bytes copied.
  package var objectsMade: UInt64 = 0
  package var bytesCopied: UInt64 = 0
  /// Whether the journal holds more commits already.
  package var hasMore: Bool
}
