import Journal
import LinuxSystem
import Tree

/// A destination's own log: the change sets that were applied, with an intent before and the state
/// after, in the journal's format, under `.treeline/history`.
final class HistoryLog {
  private let writer: JournalWriter
  /// So much is kept of what recovery does not need.
  private let bytesKept: UInt64
  /// Whether all is kept from which earlier states can be made, within the writer's retention.
  private let keepsStates: Bool
  /// After so many bytes of changes the whole tree is written down again, or after twice as many as that took.
  private let treeBytesMin: UInt64
  private let isClockSteady: @Sendable () -> Bool
  /// Where the last state begins; nil until one was written.
  private var stateBegins: Sequence?
  /// The segment at whose beginning the oldest ones were looked at last.
  private var retiredAt: Sequence?
  private var treeLookedAt: Sequence?

  /// The last segment is read when the log is opened, which is whenever the destination was at rest.
  private static let segmentBytesMax: Int64 = 2 << 20


  /// What the end of a log says.
  struct State {
    /// The state after the last plan that was finished.
    var applied: AppliedRecord?
    /// The changes of plans that were begun since, and what they were to touch.
    var begun: [(changes: [AttributedChanges], intent: IntentRecord)] = []
  }

  /// Opens the log of a destination, and makes it where there is none.
  ///
  /// - Parameters:
  ///   - own: the destination's own directory; the path through /proc is anchored to it.
  ///   - options: how large it may become, and how old the states are at most that it must tell of.
  init(
    in own: Int32, source: SourceIdentity, _ options: ReplayOptions
  ) throws(ReplayError) {
    let statesSeconds = options.versionSeconds
    bytesKept = statesSeconds == nil ? options.historyBytes : options.statesBytes
    treeBytesMin = options.treeBytes
    keepsStates = statesSeconds != nil
    isClockSteady = options.isClockSteady
    let path = Self.path(own)
    do throws(JournalError) {
      if Self.exists(in: own) {
        writer = try JournalWriter.open(at: path)
      } else {
        writer = try JournalWriter.create(at: path, source: source)
      }
      if let statesSeconds {
        writer.retention = Retention(seconds: statesSeconds, bytes: bytesKept)
      }
      writer.segmentBytesMax = min(Self.segmentBytesMax, Int64(clamping: bytesKept / 8))
    } catch {
      throw .history(error)
    }
  }

  static func path(_ own: Int32) -> [UInt8] { Array("/proc/self/fd/\(own)/history".utf8) }

  static func exists(in own: Int32) -> Bool {
    (try? FileStatus.of("history/HEAD", in: own)) != nil
  }

  var last: Cursor { writer.last }
  var place: Int32 { writer.place }

  /// Writes changes, each set a commit, the last one with the first part of an intent.
  func append(_ changes: [AttributedChanges], _ intent: IntentRecord) throws(ReplayError) {
    for set in changes.dropLast() { try append(set, []) }
    try append(.intent, intent.payloads, with: changes.last ?? AttributedChanges(changes: ChangeSet()))
  }

  /// Writes the state after a plan; the next sync makes it durable.
  func append(_ applied: AppliedRecord) throws(ReplayError) {
    stateBegins = writer.last.sequence.next
    try append(applied.isAdopting ? .adopted : .applied, applied.payloads, with: AttributedChanges(changes: ChangeSet()))
  }

  /// A commit for each part: the marks of a commit share one frame. The first byte of a part says
  /// whether it is the first (2) and whether another follows (1); only with the last does any of it
  /// count.
  private func append(
    _ kind: Mark.Kind, _ payloads: [[UInt8]], with changes: AttributedChanges
  ) throws(ReplayError) {
    for (index, payload) in payloads.enumerated() {
      let place: UInt8 = (index == 0 ? 2 : 0) | (index + 1 < payloads.count ? 1 : 0)
      try append(
        index == 0 ? changes : AttributedChanges(changes: ChangeSet()), [Mark(kind: kind, payload: [place] + payload)])
    }
  }

  private func append(_ set: AttributedChanges, _ marks: [Mark]) throws(ReplayError) {
    do {
      _ = try writer.append(
        set.changes, by: set.attribution, marks: marks, flags: [], rawTime: .now(), drainedSeconds: 0)
    } catch {
      throw .history(error)
    }
  }

  /// Has the kernel start to write what `sync` will wait for.
  func startWriting() { writer.startWriting() }

  /// Makes all that was written durable. Only then is what it replaces dropped.
  func sync() throws(ReplayError) {
    do throws(JournalError) {
      _ = try writer.sync()
      guard let stateBegins, retiredAt != writer.segmentBegins else { return }
      retiredAt = writer.segmentBegins
      if keepsStates {
        // Before its first second nothing is old.
        _ = try writer.retire(now: isClockSteady() ? .now() : .zero, needed: stateBegins)
      } else {
        try writer.retire(before: stateBegins, keeping: bytesKept)
      }
    } catch {
      throw .history(error)
    }
  }

  // MARK: The whole tree

  /// Whether the tree should be written down, so that what is older can go.
  func wantsTree() throws(ReplayError) -> Bool {
    guard keepsStates, treeLookedAt != writer.segmentBegins else { return false }
    treeLookedAt = writer.segmentBegins
    do throws(JournalError) {
      let (tree, since) = try writer.bytesSinceCheckpoint()
      guard let tree else { return true }
      return since > max(treeBytesMin, 2 * tree)
    } catch {
      throw .history(error)
    }
  }

  /// Writes the whole tree of the last commit down, as changes from the empty one.
  func writeTree(
    _ body: ((ChangeSet) throws(ReplayError) -> Void) throws(ReplayError) -> Void
  ) throws(ReplayError) {
    let checkpoint: CheckpointWriter
    do throws(JournalError) {
      checkpoint = try writer.beginCheckpoint(at: writer.last, nextObjectID: .root)
    } catch {
      throw .history(error)
    }
    try body { changes throws(ReplayError) in
      do throws(JournalError) { try checkpoint.add(changes) } catch { throw .history(error) }
    }
    do throws(JournalError) {
      try checkpoint.commit()
      // The next state begins in a segment of its own, so that what is before this one can be dropped.
      try writer.seal()
    } catch {
      throw .history(error)
    }
  }

  // MARK: Reading

  /// How many commits back the last state is looked for first: it mostly stands in the last two.
  private static let tailCount: UInt64 = 8

  /// Reads the end of a log.
  static func readState(in own: Int32) throws(ReplayError) -> State {
    var back = tailCount
    while true {
      let (state, isWhole) = try readTail(own, back)
      if state.applied != nil || isWhole { return state }
      back *= 8
    }
  }

  private static func readTail(
    _ own: Int32, _ back: UInt64
  ) throws(ReplayError) -> (State, isWhole: Bool) {
    do throws(JournalError) {
      let reader = try JournalReader.open(at: path(own))
      let end = try reader.durable().sequence.rawValue
      let start = max(Sequence(end > back ? end - back : 0), reader.oldest.sequence)
      try reader.seek(after: start)
      var tail = HistoryTail()
      var commit = Commit()
      while try reader.next(&commit) {
        do throws(PayloadReader.Malformed) { _ = try tail.take(commit) } catch {
          throw JournalError.damaged(
            Finding(
              file: "history", offset: 0, sequence: commit.cursor.sequence,
              what: "a mark that is none"))
        }
      }
      let state = tail.state
      return (state, start == reader.oldest.sequence)
    } catch {
      throw .history(error)
    }
  }
}
