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
    var batch = 1
    var processBytes = 0
    var isStopping = false
    let ownPID = getpid()

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
  /// So many reads in a row that found something show a storm.
  private static let stormReadsMax = 64
  /// In a storm others run meanwhile: the queue fills in no less than 60 ms at a quarter of a million
  /// events a second, and a process that begins is reported apart from it.
  private static let napMicroseconds: UInt32 = 1_000

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
    self.state = Guarded(state)
  }

  /// Runs until `stop`; the body of the thread.
  package func run() {
    runFirst()
    var reads = 0
    while true {
      let isMore = state.with { state -> Bool? in
        if state.isStopping { return nil }
        Self.noteBeginnings(state)
        return Self.readOnce(state)
      }
      guard let isMore else { return }
      reads = isMore ? reads + 1 : 0
      if !isMore { waitForMore() }
      if reads > Self.stormReadsMax { usleep(Self.napMicroseconds) }
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

  private func waitForMore() {
    var set = [
      pollfd(fd: groupRaw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: beginningsRaw ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    _ = try? retrying { cl_poll(&set, 3, -1) }
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
    let process = place(event, state)
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
