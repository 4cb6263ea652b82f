import Capture
import Journal
import LinuxSystem
import Tree

/// One simulation: the product's own capture, mirror, journal records and planner, over a simulated
/// machine, step by step in one thread.
///
/// ## What may happen
///
/// **Names and objects.** Several processes make, link, rename, exchange and remove directories, files,
/// symbolic links and nodes, in the source, outside of it, and across its edge. Few names and few inode
/// numbers make collisions the rule: a number that is free is used again at once, under a new
/// generation. Files are made without a name and get one later; files live on without a name while they
/// are open; directories appear with all that is in them and one event for it.
///
/// **Time.** All looks of the observer are single: between any two of them, also between the handle, the
/// status and the extended attributes of one name, other processes may come to their turn. A
/// directory is listed in chunks, while names come, go and move in it. A call has an effect before its
/// events are queued, and others' calls may come between; a write moves the times first and stores its
/// bytes at its end. The ctime moves in ticks, of up to a second:
/// several changes may have one ctime; in three of four worlds one that was looked at is followed by
/// a distinct one, as Linux has it since 6.13.
///
/// **Events.** The queue merges an event into any earlier unread one of the same process, directory,
/// name and child, as Linux does, and has a limit of as little as eight. Its reader lags. Stores into
/// mappings, changes of access times and the device that a whiteout leaves give no event, and names in
/// events about data may be false.
///
/// **Looks** fail with ESTALE and ENOENT where an object is gone, and now and then with EIO. In some
/// worlds handles do not tell a torn pair of handle and status.
///
/// **The recording** is stopped, or killed, between any two of its steps, with the last commits lost
/// unless the destination has them, and started again on what the journal says, while the source
/// changes. The machine loses power: files have old content under new times. The source is rolled
/// back to a snapshot. Replays are interrupted between any two verbs.
///
/// ## What must hold
///
/// Whenever all is at rest: the mirror is the source, and so is the destination, in every attribute,
/// in content and in hard links. A round that calls itself exact shows the tree of that instant. At the
/// destination no verb is refused, and nothing is left in the park. A journal makes a mirror again.
///
/// ## What is left out
///
/// The journal's files, threads, the destination's own recovery and the copying of content have their
/// own tests. The wall clock does not step, a snapshot takes longer than a tick, and no look fails in
/// the first pass after a loss of power.
package struct SimulatedRun {
  package struct Failure: Error, CustomStringConvertible {
    /// How many operations had been performed.
    package let operationCount: Int
    package let what: String
    package var description: String { "after \(operationCount) operations: \(what)" }
  }

  /// What a run was made of.
  package struct Summary: Sendable {
    package var operations = 0
    package var rounds = 0
    package var overflows = 0
    package var commits = 0
    package var verbs = 0
    package var restarts = 0
    package var quiescences = 0

    package init() {}

    package static func += (sum: inout Summary, next: Summary) {
      sum.operations += next.operations
      sum.rounds += next.rounds
      sum.overflows += next.overflows
      sum.commits += next.commits
      sum.verbs += next.verbs
      sum.restarts += next.restarts
      sum.quiescences += next.quiescences
    }
  }

  let settings: Settings
  let world: SimulatedWorld
  let source: SimulatedSource
  let clock: SimulatedClock
  let sabotage: Sabotage
  var queue: SimulatedQueue
  var follower: SourceFollower
  var journal = SimulatedJournal()
  var replay: SimulatedReplay
  var changes = ChangeSet()
  var summary = Summary()
  var boot = 1

  /// Rounds till all is at rest once nothing changes any more.
  static let roundsMax = 8

  /// - Parameter onStep: is told of every operation and every look.
  package init(
    _ settings: Settings, _ operations: [Operation], sabotage: Sabotage = .none,
    onStep: ((String) -> Void)? = nil
  ) {
    self.settings = settings
    self.sabotage = sabotage
    world = SimulatedWorld(settings, operations)
    world.onStep = onStep
    source = SimulatedSource(world)
    clock = SimulatedClock(world)
    queue = SimulatedQueue(world, sabotage)
    replay = SimulatedReplay(world)
    follower = Self.follower(source, queue, clock, settings, Mirror(root: source.rootKey))
  }

  private static func follower(
    _ source: SimulatedSource, _ queue: SimulatedQueue, _ clock: SimulatedClock,
    _ settings: Settings, _ mirror: Mirror
  ) -> SourceFollower {
    let follower = SourceFollower(
      source, hints: queue, clock: clock, mirror: mirror,
      excluded: Set(source.world.excludedKey.map { [$0] } ?? []), policy: settings.policy)
    follower.crowdMin = settings.crowdMin
    return follower
  }

  /// Runs to the end.
  package mutating func run() throws(Failure) -> Summary {
    do {
      try scan()
      while let operation = world.upcoming {
        if operation.kind.isControl {
          world.skip()
          try control(operation)
        } else {
          world.burst(1 + Int(operation.a) % settings.burstMax)
          try turn()
        }
      }
      try quiesce()
    } catch {
      throw Failure(operationCount: world.next, what: "\(error)")
    }
    summary.operations = world.next
    summary.verbs = replay.verbCount
    return summary
  }

  struct Wrong: Error, CustomStringConvertible { let description: String }

  mutating func control(_ operation: Operation) throws {
    world.tell("\(operation)")
    switch operation.kind {
    case .quiesce: try quiesce()
    case .takeSnapshot: world.takeSnapshot()
    case .stop:
      _ = try follower.round(waived: true)
      try commit()
      try restart(operation)
    case .kill:
      // Before or after the commit of the last round.
      if operation.a & 1 == 0 { _ = try follower.round(waived: false) }
      journal.loseLast(Int(operation.b & 3))
      try restart(operation)
    case .powerCut:
      if operation.a & 1 == 0 {
        // What was written before it was stopped may still be nowhere but in memory.
        _ = try follower.round(waived: true)
        try commit()
        try replayCommits()
      } else {
        journal.loseLast(Int(operation.b & 3))
      }
      world.cutPower()
      boot += 1
      try restart(operation)
    case .rollBack:
      journal.loseLast(Int(operation.b & 3))
      world.rollBack()
      boot += 1
      try restart(operation)
    default: preconditionFailure("\(operation.kind) happens beneath the recording")
    }
  }

  // MARK: The recording

  mutating func turn() throws {
    try note(try follower.round(waived: world.chance(1, of: 16, 10)))
    if world.chance(settings.commitChance, of: 256, 11) { try commit() }
    if world.chance(settings.replayChance, of: 256, 12) { try replayCommits() }
    if world.chance(settings.checkpointChance, of: 256, 13), !follower.mirror.hasChanges {
      try journal.makeCheckpoint(follower.mirror)
    }
  }

  mutating func note(_ round: SourceFollower.Round) throws {
    summary.rounds += 1
    world.tell("\(round), \(follower.troubles())")
    if round.overflowed { summary.overflows += 1 }
    guard round.isExact, follower.troubles().isEmpty else { return }
    let comparison = Comparison(
      filesystem: world.filesystem, mirror: follower.mirror, excluded: world.excludedKey,
      isAtRest: false)
    // A call that is under way is neither before nor after that instant.
    guard world.isLanded else { return }
    if let difference = comparison.difference() {
      throw Wrong(description: "a round that calls itself exact is not: \(difference)")
    }
  }

  mutating func commit(always: Bool = false) throws {
    guard always || follower.mirror.hasChanges else { return }
    follower.takeChanges(into: &changes)
    summary.commits += 1
    try journal.append(
      changes, isPartial: false, drainedSeconds: follower.drainedSeconds, time: clock.now,
      boot: boot)
  }

  mutating func scan() throws {
    let isFirst = !journal.isComplete
    var suspectFrom: Timestamp? = nil
    if journal.isComplete, journal.lastBoot != boot {
      suspectFrom = Timestamp(seconds: journal.lastTime.seconds - 600, nanoseconds: 0)
    }
    world.hasErrors = settings.errorChance > 0 && suspectFrom == nil
    var partial: [ChangeSet] = []
    let follower = follower
    let round = try follower.scan(suspectFrom: suspectFrom) {
      guard isFirst, follower.mirror.changeCount >= 6 else { return }
      var changes = ChangeSet()
      follower.takeChanges(into: &changes)
      partial.append(changes)
    }
    for changes in partial {
      try journal.append(
        changes, isPartial: true, drainedSeconds: follower.drainedSeconds, time: clock.now,
      boot: boot)
    }
    try note(round)
    try commit(always: true)
    journal.isComplete = true
    world.hasErrors = settings.errorChance > 0
  }

  /// Starts again on what the journal says, after the source changed for a while.
  mutating func restart(_ operation: Operation) throws {
    summary.restarts += 1
    queue.close()
    source.letGo()
    world.landAll()
    if operation.c & 1 == 0 { world.burst(Int(operation.d % 64)) }
    world.landAll()
    let mirror = try journal.load(root: source.rootKey)
    queue = SimulatedQueue(world, sabotage)
    follower = Self.follower(source, queue, clock, settings, mirror)
    try scan()
  }

  mutating func replayCommits(isLast: Bool = false) throws {
    if journal.appliedCount < journal.count, world.chance(1, of: 4, 14) {
      // Several commits composed into one.
      var composer = ChangeComposer()
      while journal.appliedCount < journal.count {
        composer.add(try journal.changes(journal.appliedCount))
        journal.appliedCount += 1
      }
      try replay.absorb(composer.finish())
    }
    while journal.appliedCount < journal.count {
      try replay.absorb(try journal.changes(journal.appliedCount))
      journal.appliedCount += 1
    }
    let isInterrupted = !isLast && world.chance(settings.interruptionChance, of: 256, 15)
    try replay.apply(verbsMax: isInterrupted ? Int(world.time & 15) : .max)
    let newer = replay.newer
    if !newer.isEmpty { follower.lookAgain(at: newer) }
  }
}
