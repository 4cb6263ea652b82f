import CLinux
import Fanotify
import Glibc
import LinuxSystem
import SystemPackage

/// Reads the kernel's queue into a dirty set, on a thread of its own that does nothing else.
///
/// The kernel holds 16,384 events; a reader that also looked at files would lose events during any
/// long scan.
package final class Drain: HintQueue {
  /// What the thread and its user share.
  struct State {
    var dirty = DirtySet()
    /// A moment at which all that had been queued was read; wall clock.
    var drained = Timestamp.zero
    var overflows = 0
    /// The code of an error that the filesystem reported of itself.
    var filesystemError: Int32? = nil
    var barrierWanted = 0
    var barrierReached = 0
    var isStopping = false
    var failure: Errno? = nil
    /// The grafts on each filesystem that is watched, by its number.
    var grafts: [UInt64: [UInt32]] = [:]
    /// Until when, in monotonic nanoseconds, a storm is left to itself.
    var restsUntil: UInt64 = 0
  }

  /// After a read while the observer is busy: events come more cheaply in larger batches, and the
  /// queue fills in no less than 60 ms at a quarter of a million events a second.
  private static let napMicroseconds: UInt32 = 2_000
  /// A read of this size shows a storm: some 50 events.
  private static let stormBytes = 4_096
  /// So many reads, each within a millisecond of the one before, show one as well. To wake this thread
  /// and the observer for every single event costs the writer more than the event itself; and one file
  /// that is saved gives fewer.
  private static let hurriedReadsMax = 32
  private static let hurryNanoseconds: UInt64 = 1_000_000

  /// Some 1,500 events: in a storm of half a million a second, what comes in 3 ms.
  private static let bufferBytes = 262_144
  /// From one look at what a storm has hinted to the next. The longer, the more of what it made is gone
  /// again, and the less the looks cost it.
  private static let stormRestNanoseconds: UInt64 = 100_000_000

  /// Of this thread alone. See setpriority(2).
  private static let niceness: Int32 = -10

  private let group: NotificationGroup
  private let wake: Descriptor
  private let state = Guarded(State())
  private let ownPID = getpid()
  /// Objects are hinted at by the names that they are reported under, and not by their handles.
  private let hintsAtNames: Bool
  /// The number of the source's own filesystem; 0 where it is not marked as a whole.
  private let ownFilesystem: UInt64

  /// What is asked of each filesystem.
  private static let filesystemEvents: EventMask = [
    .create, .delete, .rename, .modify, .attributes, .closeWrite, .onDirectory,
  ]

  /// Marks what `directory` is on, which takes effect at once.
  ///
  /// - Parameters:
  ///   - kind: with a mount mark each directory is to be marked as well; with inode marks nothing is
  ///     until they are.
  ///   - directory: one of the filesystem, or of the mount.
  ///   - hintsAtNames: hints at objects by their names, because their keys are no handles.
  package init(
    _ kind: MarkKind, at directory: Int32, hintsAtNames: Bool = false
  ) throws(Errno) {
    self.hintsAtNames = hintsAtNames
    ownFilesystem = kind == .filesystem ? try filesystemNumber(directory) : 0
    do throws(FanotifyError) {
      group = try NotificationGroup([.directoryNameTarget])
      switch kind {
      case .filesystem:
        try group.watch(.filesystem, for: Self.filesystemEvents, at: directory)
        // Errors of the filesystem itself: not every filesystem reports them.
        try? group.watch(.filesystem, for: .filesystemError, at: directory)
      case .mount:
        try group.watch(.mount, for: [.modify, .closeWrite], at: directory)
      case .inode: break  // there are only the marks of the directories
      }
    } catch {
      throw error.errno
    }
    wake = Descriptor(owning: try retrying { eventfd(0, Int32(CL_EFD_FLAGS)) })
  }

  /// Marks more; any thread may, at any time.
  func watch(_ mark: Mark, for events: EventMask, at directory: Int32) throws(FanotifyError) {
    try group.watch(mark, for: events, at: directory)
  }

  /// Hears no more of what happens to the files directly in a directory; moves are still reported.
  func silence(_ directory: Int32) throws(FanotifyError) {
    try group.ignore(
      .inode,
      for: [.create, .delete, .modify, .attributes, .closeWrite, .onDirectory, .onChild],
      at: directory)
  }

  /// Takes a mark, or a part of it, away.
  func remove(_ mark: Mark, for events: EventMask, at directory: Int32) throws(FanotifyError) {
    try group.remove(mark, for: events, at: directory)
  }

  /// Marks the filesystem of a graft as well. To mark it again changes nothing.
  ///
  /// - Parameter directory: one of the filesystem, at which it can be marked.
  func follow(graft: UInt32, at directory: Int32) throws(Errno) {
    let number = try filesystemNumber(directory)
    // Before the mark: each event of it finds the number.
    forget(graft: graft)
    state.with { $0.grafts[number, default: []].append(graft) }
    do throws(FanotifyError) {
      try group.watch(.filesystem, for: Self.filesystemEvents, at: directory)
      try? group.watch(.filesystem, for: .filesystemError, at: directory)
    } catch {
      forget(graft: graft)
      throw error.errno
    }
  }

  /// Ends the reports of a graft's filesystem, unless there is another one on it.
  func unfollow(graft: UInt32, at directory: Int32) {
    guard let number = forget(graft: graft), number != ownFilesystem,
      state.with({ $0.grafts[number] == nil })
    else { return }
    // It is gone already where the filesystem is.
    try? group.remove(.filesystem, for: Self.filesystemEvents, at: directory)
    try? group.remove(.filesystem, for: .filesystemError, at: directory)
  }

  /// - Returns: the number of the filesystem that it was on.
  @discardableResult
  private func forget(graft: UInt32) -> UInt64? {
    state.with { state in
      guard let number = state.grafts.first(where: { $0.value.contains(graft) })?.key else { return nil }
      state.grafts[number]!.removeAll { $0 == graft }
      if state.grafts[number]!.isEmpty { state.grafts[number] = nil }
      return number
    }
  }

  /// Runs until `stop`; the body of the thread.
  package func run() {
    // On a busy machine a reader that waits for its turn behind the writers loses events. Where it may
    // not go before others, it does without.
    _ = setpriority(Int32(bitPattern: PRIO_PROCESS.rawValue), 0, Self.niceness)
    var buffer = EventBuffer(capacity: Self.bufferBytes)
    var hurriedReads = 0
    while true {
      let barrier = state.with { $0.isStopping ? nil : $0.barrierWanted }
      guard let barrier else { return }
      do throws(Errno) {
        try readAll(into: &buffer, barrier: barrier)
        let lastRead = monotonicNanoseconds()
        try waitForMore()
        let isHurried = monotonicNanoseconds() - lastRead < Self.hurryNanoseconds
        hurriedReads = isHurried ? hurriedReads + 1 : 0
        if hurriedReads > Self.hurriedReadsMax, !isBarrierWanted {
          // Its length counts as no pause: a storm is over when a wait after it is long.
          usleep(Self.napMicroseconds)
        }
      } catch {
        state.change { $0.failure = error }
        return
      }
    }
  }

  /// Reads until the queue is empty, or, when a barrier is wanted, at least what is queued now.
  private func readAll(into buffer: inout EventBuffer, barrier: Int) throws(Errno) {
    var queued = Int.max
    let isBarrier = state.with { $0.barrierReached < barrier }
    if isBarrier { queued = try group.queuedEvents() }
    while true {
      let before = Timestamp.now()
      let count = try group.read(into: &buffer)
      let isEmpty = count == 0
      let isBusy = state.change { state in
        let wasBusy = !state.dirty.isEmpty
        if count > 0 { queued -= note(buffer, &state) }
        if isEmpty { state.drained = before }
        if isEmpty || queued <= 0 { state.barrierReached = max(state.barrierReached, barrier) }
        return wasBusy && state.barrierReached == state.barrierWanted
      }
      if isEmpty || state.with({ $0.isStopping }) { return }
      if !isBarrier, state.with({ $0.barrierWanted > barrier }) { return }
      // A buffer that is full leaves the rest in the queue, which may be about to overflow.
      let isFull = count > buffer.capacity - EventBuffer.capacityMin
      if isBusy, !isBarrier, count >= Self.stormBytes, !isFull { usleep(Self.napMicroseconds) }
    }
  }

  private var isBarrierWanted: Bool { state.with { $0.barrierWanted > $0.barrierReached } }

  private func waitForMore() throws(Errno) {
    var set = [
      pollfd(fd: group.raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.raw, events: Int16(POLLIN), revents: 0),
    ]
    if isBarrierWanted || state.with({ $0.isStopping }) { return }
    try retrying { cl_poll(&set, 2, -1) }
    if set[1].revents != 0 {
      var count: UInt64 = 0
      _ = cl_read(wake.raw, &count, 8)
    }
  }

  /// - Returns: how many events there were.
  private func note(_ buffer: borrowing EventBuffer, _ state: inout State) -> Int {
    var events = buffer.events
    var count = 0
    do throws(EventFormatError) {
      while let event = try events.next() {
        note(event, &state)
        count += 1
      }
    } catch {
      // Bytes that are no events: nothing in them can be trusted, so all may have changed.
      state.dirty.addEverything()
    }
    return count
  }

  private func note(_ event: borrowing Event, _ state: inout State) {
    let mask = event.mask
    if mask.contains(.queueOverflow) {
      state.overflows += 1
      state.dirty.addEverything()
      return
    }
    if mask.contains(.filesystemError) {
      // No event is lost by it. To look at everything would meet the same error again, and so on.
      state.filesystemError = event.filesystemError?.code ?? EIO
      return
    }
    // What we do ourselves (a journal or a destination on the same filesystem) is no news.
    if event.pid == ownPID { return }
    if state.grafts.isEmpty { return state.dirty.add(event, byName: hintsAtNames) }
    // One filesystem may be seen in several places, in the source's own among others.
    let grafts = event.fsid.flatMap { state.grafts[$0] }
    for graft in grafts ?? [] { state.dirty.add(event, graft: graft) }
    if grafts == nil || event.fsid == ownFilesystem { state.dirty.add(event) }
  }

  // MARK: The user's side

  /// Takes what was hinted so far, and gives `empty` to be filled.
  package func take(replacement empty: DirtySet) -> TakenHints {
    state.with { state in
      let taken = TakenHints(
        dirty: state.dirty, drained: state.drained, overflows: state.overflows,
        filesystemError: state.filesystemError)
      if state.dirty.count >= SourceFollower.stormHints {
        state.restsUntil = monotonicNanoseconds() + Self.stormRestNanoseconds
      }
      state.dirty = empty
      state.overflows = 0
      state.filesystemError = nil
      return taken
    }
  }

  /// A moment at which all that had been queued was read.
  package var drainedAt: Timestamp { state.with { $0.drained } }

  /// Waits until all that was queued before the call has been read.
  ///
  /// - Throws: what made the reader end.
  package func barrier() throws(Errno) {
    let wanted = state.with { state in
      state.barrierWanted += 1
      return state.barrierWanted
    }
    ring()
    let failure: Errno?? = state.wait { state in
      if let failure = state.failure { return .some(failure) }
      return state.barrierReached >= wanted ? .some(nil) : nil
    }
    if let failure = failure ?? nil { throw failure }
  }

  /// Waits until something was hinted, something outside asks, or a deadline passes.
  package func wait(until deadline: UInt64?, or isAsked: () -> Bool) throws(Errno) {
    var failure: Errno? = nil
    let rest = min(state.with { $0.restsUntil }, deadline ?? .max)
    _ = state.wait(until: rest) { state in state.failure != nil || isAsked() ? () : nil }
    _ = state.wait(until: deadline) { state -> Void? in
      failure = state.failure
      let isHinted = !state.dirty.isEmpty || state.filesystemError != nil
      return isHinted || failure != nil || isAsked() ? () : nil
    }
    if let failure { throw failure }
  }

  /// Lets `wait` ask again.
  package func nudge() { state.change { _ in } }

  /// Whether nothing is hinted at and nothing is queued.
  package var isQuiet: Bool {
    state.with { $0.dirty.isEmpty } && ((try? group.queuedEvents()) ?? 1) == 0
  }

  package func stop() {
    state.change { $0.isStopping = true }
    ring()
  }

  private func ring() {
    var one: UInt64 = 1
    _ = cl_write(wake.raw, &one, 8)
  }
}
