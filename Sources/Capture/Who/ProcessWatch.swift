import CLinux
import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Finds out who did what, on a thread of its own that reads at once.
///
/// The drain reads in batches, and a process that was short-lived is gone by then. So a second group
/// has its own queue, and its reader does nothing but look who it was. Where the kernel also reports
/// the beginning of processes, each is looked at then, which is long before it has written anything.
package final class ProcessWatch: Sendable {
  /// What the thread and its user share; used by one at a time, under the lock.
  private final class State {
    let group: NotificationGroup
    let beginnings: ProcessEvents?
    var buffer = EventBuffer(capacity: EventBuffer.capacityMin)
    var table: ProcessTable
    var taken = TakenDeeds()
    var passing = PassingNames()
    var batch = 1
    var processBytes = 0
    var isStopping = false
    let ownPID = getpid()
    /// Events in a row by processes that were known already.
    var familiarEvents = 0

    init(_ group: consuming NotificationGroup, wantsBeginnings: Bool) {
      self.group = group
      // In a container nobody is told; what is seen then is less.
      beginnings = wantsBeginnings ? try? ProcessEvents() : nil
      table = ProcessTable(hasEvents: beginnings != nil)
    }
  }

  private let state: Guarded<State>
  private let wake: Descriptor
  private let groupRaw: Int32
  private let beginningsRaw: Int32?

  /// What the processes of one batch may take in memory. Beyond it, deeds are noted as those of some
  /// process.
  package static let processBytesMax = 8 << 20
  /// After so many events in a row by processes that are known, haste gains nothing: to wake this
  /// thread for each event costs ten times what reading it costs.
  private static let familiarEventsMax = 64
  /// So long it rests then, unless a process begins. The queue fills in no less than 60 ms at a quarter
  /// of a million events a second.
  private static let restMilliseconds: Int32 = 2
  /// It is a storm while the next event comes within this time.
  private static let stormNanoseconds: UInt64 = 1_000_000
  /// So many reads in a row that found something, by processes that are not known: others run for a
  /// while as well.
  private static let hastyReadsMax = 64
  private static let pauseMicroseconds: UInt32 = 1_000

  /// Whether processes are looked at when they begin, so that the short-lived are known as well.
  package let seesBeginnings: Bool

  /// Marks the filesystem that `anchor` is on.
  ///
  /// - Parameter wantsBeginnings: false does without the reports of processes that begin.
  /// - Throws: what fanotify_init(2) gives: `EINVAL` before Linux 5.17.
  package init(anchor: Int32, wantsBeginnings: Bool = true) throws(Errno) {
    let state: State
    do throws(FanotifyError) {
      let group = try NotificationGroup([.directoryNameTarget, .processDescriptor])
      try group.watch(
        .filesystem,
        for: [.create, .delete, .rename, .modify, .attributes, .closeWrite, .onDirectory],
        at: anchor)
      state = State(group, wantsBeginnings: wantsBeginnings)
    } catch {
      throw error.errno
    }
    wake = Descriptor(owning: try retrying { eventfd(0, Int32(CL_EFD_FLAGS)) })
    groupRaw = state.group.raw
    beginningsRaw = state.beginnings?.raw
    seesBeginnings = state.beginnings != nil
    // Who takes what was found has no haste; a process that begins meanwhile is seen only at once.
    self.state = Guarded(state, inheritsPriority: true)
  }

  /// Runs until `stop`; the body of the thread.
  package func run() {
    runFirst()
    var reads = 0
    while true {
      let found = state.with { state -> (isMore: Bool, isFamiliar: Bool)? in
        if state.isStopping { return nil }
        Self.noteBeginnings(state)
        let isMore = Self.readOnce(state)
        return (isMore, state.familiarEvents > Self.familiarEventsMax)
      }
      guard let found else { return }
      reads = found.isMore ? reads + 1 : 0
      if !found.isMore {
        // What came after a rest was read, to the end: only then is it waited for.
        let began = monotonicNanoseconds()
        wait(forEvents: true, milliseconds: -1)
        let isStorm = found.isFamiliar && monotonicNanoseconds() - began < Self.stormNanoseconds
        if isStorm { wait(forEvents: false, milliseconds: Self.restMilliseconds) }
      } else if reads > Self.hastyReadsMax, !found.isFamiliar {
        usleep(Self.pauseMicroseconds)
      }
    }
  }

  package func stop() {
    state.with { $0.isStopping = true }
    var one: UInt64 = 1
    _ = cl_write(wake.raw, &one, 8)
  }

  /// Takes all that was reported until now, also what is still queued.
  package func take() -> TakenDeeds {
    state.with { state in
      Self.noteBeginnings(state)
      // Not for ever: others go on.
      for _ in 0..<Self.takeReadsMax { guard Self.readOnce(state) else { break } }
      let taken = state.taken
      state.taken = TakenDeeds()
      state.batch += 1
      state.processBytes = 0
      return taken
    }
  }

  /// A full queue in reads of 4 KiB, which hold 20 events at least.
  private static let takeReadsMax = 16_384 / 20

  private func wait(forEvents: Bool, milliseconds: Int32) {
    var set = [
      // poll(2) passes over a negative descriptor.
      pollfd(fd: forEvents ? groupRaw : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: beginningsRaw ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    _ = try? retrying { cl_poll(&set, 3, milliseconds) }
  }

  private static func noteBeginnings(_ state: State) {
    state.beginnings?.read { state.table.note($0) }
  }

  /// Reads once.
  ///
  /// - Returns: whether there was anything.
  private static func readOnce(_ state: State) -> Bool {
    guard let count = try? state.group.read(into: &state.buffer), count > 0 else { return false }
    // Whoever did what was just read has begun before.
    noteBeginnings(state)
    var events = state.buffer.events
    do throws(EventFormatError) {
      while let event = try events.next() { note(event, state) }
    } catch {
      state.taken.isIncomplete = true
    }
    state.buffer.closeDescriptors()
    return true
  }

  private static func note(_ event: borrowing Event, _ state: State) {
    let mask = event.mask
    if mask.contains(.queueOverflow) {
      state.taken.isIncomplete = true
      return
    }
    if event.pid == state.ownPID { return }
    let strangers = state.table.strangerCount
    let process = place(event, state)
    state.familiarEvents = state.table.strangerCount == strangers ? state.familiarEvents + 1 : 0
    var deeds: Deeds = []
    if mask.contains(.create) { deeds.insert(.create) }
    if mask.contains(.delete) { deeds.insert(.remove) }
    if mask.contains(.rename) { deeds.insert(.rename) }
    if mask.contains(.modify) { deeds.insert(.write) }
    if mask.contains(.attributes) { deeds.insert(.attributes) }
    if mask.contains(.closeWrite) { deeds.insert(.close) }
    let isOfNames = !mask.isDisjoint(with: [.create, .delete, .rename])
    if let object = event.object {
      state.taken.add(deeds, type: object.type, key: object.bytes, process: process)
    } else if let directory = event.directory, !isOfNames {
      state.taken.add(deeds, type: directory.type, key: directory.bytes, process: process)
    }
    guard isOfNames else { return }
    notePassing(event, state)
    if let directory = event.directory {
      state.taken.add(.entries, type: directory.type, key: directory.bytes, process: process)
    }
    if let directory = event.oldDirectory {
      state.taken.add(.entries, type: directory.type, key: directory.bytes, process: process)
    }
    if let directory = event.newDirectory {
      state.taken.add(.entries, type: directory.type, key: directory.bytes, process: process)
    }
  }

  /// Keeps the names of what was made, until it is removed or has stayed for a while.
  private static func notePassing(_ event: borrowing Event, _ state: State) {
    guard let key = event.object?.key else { return }
    let mask = event.mask
    if mask.contains(.rename), let directory = event.newDirectory?.key, let name = event.newName {
      if Name.isLegal(name) { state.passing.move(key, to: directory, Name(Array(name))) }
      return
    }
    guard let directory = event.directory?.key, let name = event.name, Name.isLegal(name) else { return }
    // Linux makes one of several events of one name: a name that came and went came first.
    if mask.contains(.create) {
      state.passing.add(
        key,
        PassingNames.Place(
          directory: directory, name: Name(Array(name)), isDirectory: mask.contains(.onDirectory)))
    }
    if mask.contains(.delete), let place = state.passing.take(key) {
      state.taken.add(
        TakenDeeds.Passed(
          key: key, directory: place.directory, name: place.name, isDirectory: place.isDirectory))
    }
  }

  private static func place(_ event: borrowing Event, _ state: State) -> UInt32 {
    state.table.place(of: event.pid, event.process, batch: state.batch) { record in
      let bytes = record.residentBytes
      guard state.processBytes + bytes <= processBytesMax else {
        if state.taken.processes.last?.standing != .others {
          state.taken.processes.append(ProcessRecord(pid: 0, standing: .others))
        }
        return UInt32(state.taken.processes.count - 1)
      }
      state.processBytes += bytes
      state.taken.processes.append(record)
      return UInt32(state.taken.processes.count - 1)
    }
  }
}
