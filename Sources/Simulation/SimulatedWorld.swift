import Fanotify
import LinuxSystem
import Tree

/// The machine that is simulated: a filesystem, processes that change it, the kernel's queue, a clock.
///
/// Whoever looks at the filesystem calls `pass` before each single look; there other processes come
/// to their turn, as many as the list of operations says.
final class SimulatedWorld {
  /// A file that a process has open for writing.
  struct OpenFile {
    var process: Int32
    var inode: Int32
    /// The name that its events carry, which need not be true any more.
    var directory: SimulatedFilesystem.Handle
    var name: UInt8
    var isMapped = false
    /// A page of it was stored into since it was last written back: another store moves no time. Of
    /// another mapping of the same file it does.
    var isDirty = false
  }

  /// A call that is under way: what it changes shows, and its event is not queued yet.
  private struct Call {
    var event: SimulatedEvent
    /// How many looks pass before it ends.
    var turns: Int
    /// The file that has its new times and not yet its new bytes; it is held.
    var stored: Int32?
  }

  let settings: Settings
  private(set) var operations: [Operation]
  private(set) var next = 0
  var filesystem: SimulatedFilesystem
  /// The queue of the mark; nil while there is none.
  var queue: KernelQueue?
  /// Reads some events now and then.
  var onTurn: (() -> Void)?
  /// The wall clock, in nanoseconds since 1970.
  var time: Int64 = 1_700_000_000_000_000_000
  /// Whether looks fail now and then.
  var hasErrors = false
  /// Is told of every operation and every look.
  var onStep: ((String) -> Void)?
  /// Whether no operation is performed, whoever looks.
  var isResting = false
  var files: [OpenFile] = []
  /// How many events were read of the queue.
  var readCount = 0

  private var countdown = 0
  /// The number of the last operation, and how much was decided by chance since.
  private var turns: UInt64 = 0
  private var inFlight: [Call] = []
  /// The file whose bytes the call that is being made stores when it ends.
  private var stored: Int32?
  private var delay = 0
  private var generation: UInt32 = 100
  private var contentCount: UInt32 = 0
  /// The last ctime that was given out finer than the tick.
  private var finest: Int64 = 0
  private var snapshot: SimulatedFilesystem?
  let excludedKey: ObjectKey?

  /// More files than that no simulated process holds.
  static let openMax = 8

  init(_ settings: Settings, _ operations: [Operation]) {
    self.settings = settings
    self.operations = operations
    filesystem = SimulatedFilesystem(settings)
    excludedKey = settings.hasExcluded ? filesystem.key(SimulatedFilesystem.excluded) : nil
    for inode in 1..<Int32(settings.hasExcluded ? 5 : 4) {
      filesystem[inode].modified = time
      filesystem[inode].changed = time
    }
  }

  // MARK: Turns

  /// The operation that comes next; nil after the last.
  var upcoming: Operation? { next < operations.count ? operations[next] : nil }

  func skip() { advance() }

  private func advance() {
    turns = UInt64(operations[next].number + 1) << 24
    next += 1
  }

  /// Lets others have their turn.
  func pass() {
    turns &+= 1
    time += 500 + Int64(SplitMix.mixed(turns) & 1_023)
    if !inFlight.isEmpty { land() }
    onTurn?()
    if isResting { return }
    if countdown > 0 {
      countdown -= 1
      return
    }
    while next < operations.count, countdown == 0 {
      let operation = operations[next]
      if operation.kind.isControl { return }
      advance()
      countdown = Int(operation.wait)
      perform(operation)
    }
  }

  /// Performs at most so many operations, while nobody looks.
  func burst(_ count: Int) {
    for _ in 0..<count {
      guard let operation = upcoming, !operation.kind.isControl else { return }
      advance()
      perform(operation)
      onTurn?()
    }
  }

  /// Decides by chance, the same way in each run of the same operations.
  func chance(_ part: Int, of whole: Int, _ salt: UInt64) -> Bool {
    if part == 0 { return false }
    turns &+= 1
    return Int(SplitMix.mixed(settings.seed ^ turns &* 0x9e37 ^ salt << 48) >> 20)
      % whole < part
  }

  /// Queues the events that have been long enough on their way.
  private func land() {
    for at in inFlight.indices { inFlight[at].turns -= 1 }
    while let first = inFlight.first, first.turns <= 0 {
      inFlight.removeFirst()
      end(first)
    }
  }

  private func end(_ call: Call) {
    if let inode = call.stored {
      contentCount += 1
      filesystem[inode].content = contentCount
      filesystem.release(inode)
    }
    queue?.add(call.event)
  }

  /// Whether no call is under way.
  var isLanded: Bool { inFlight.isEmpty }

  /// Ends all calls that are under way.
  func landAll() {
    for call in inFlight { end(call) }
    inFlight.removeAll(keepingCapacity: true)
  }

  /// The calls of a process that are under way end before it makes another one.
  private func land(_ process: Int32) {
    guard let last = inFlight.lastIndex(where: { $0.event.process == process }) else { return }
    for call in inFlight[...last] { end(call) }
    inFlight.removeSubrange(...last)
  }

  func emit(_ event: SimulatedEvent) {
    if delay > 0 || !inFlight.isEmpty {
      inFlight.append(Call(event: event, turns: delay, stored: stored))
      stored = nil
    } else {
      queue?.add(event)
    }
  }

  private func perform(_ operation: Operation) {
    tell("\(operation)")
    let process = 100 + Int32(operation.process)
    land(process)
    delay = Int(operation.delay)
    time += 1_000 + Int64(operation.b) & 0x3fff
    switch operation.c >> 10 {
    case 0: time += 1_000_000_000 + Int64(operation.d) << 16
    case 1...3: time += 5_000_000 + Int64(operation.d) << 12
    default: break
    }
    apply(operation, process)
  }

  @inline(__always)
  func tell(_ step: @autoclosure () -> String) {
    if let onStep { onStep("\(time % 1_000_000_000_000) \(step())") }
  }

  // MARK: Clock

  /// Moves an object's ctime to now, as finely as the filesystem keeps it.
  func change(_ inode: Int32) {
    let now: Int64
    if settings.isMultigrain, filesystem[inode].wasSeen {
      now = max(time, finest + 1)
      time = now
      finest = now
    } else {
      now = max(time - time % settings.tickNanoseconds, finest)
    }
    filesystem[inode].changed = max(now, filesystem[inode].changed)
    filesystem[inode].wasSeen = false
  }

  func changeNames(of directory: Int32) {
    change(directory)
    filesystem[directory].modified = filesystem[directory].changed
  }

  /// Gives a file content that no file ever had.
  func write(_ inode: Int32) {
    contentCount += 1
    filesystem[inode].content = contentCount
    change(inode)
    filesystem[inode].modified = filesystem[inode].changed
  }

  /// As write(2) does: the times move first. Where the call takes its time, the bytes come at its end, right before
  /// its event; who looks in between sees the new times over the old bytes.
  func writeByCall(_ inode: Int32) {
    guard delay > 0, stored == nil, chance(1, of: 2, 0x77) else { return write(inode) }
    change(inode)
    filesystem[inode].modified = filesystem[inode].changed
    filesystem.hold(inode)
    stored = inode
  }

  /// As a store into a mapping does.
  func store(into mapping: Int) {
    let inode = files[mapping].inode
    if files[mapping].isDirty {
      contentCount += 1
      filesystem[inode].content = contentCount
    } else {
      write(inode)
      files[mapping].isDirty = true
    }
    filesystem[inode].isSilent = true
  }

  /// Writes what is dirty: the next store into any mapping moves the ctime again.
  func sync(_ inode: Int32) {
    for at in files.indices where files[at].inode == inode { files[at].isDirty = false }
    filesystem[inode].contentOnDisk = filesystem[inode].content
  }

  func make(_ kind: FileKind) -> Int32? {
    generation += 1
    guard let inode = filesystem.make(kind, generation: generation) else { return nil }
    filesystem[inode].modified = time
    change(inode)
    filesystem[inode].modified = filesystem[inode].changed
    return inode
  }

  // MARK: The machine

  func takeSnapshot() {
    landAll()
    // A snapshot takes longer than a tick, and all is written back before it.
    for file in files { sync(file.inode) }
    time += settings.tickNanoseconds
    snapshot = filesystem
    time += settings.tickNanoseconds
    for inode in filesystem.inodes.indices where snapshot!.inodes[inode].holders > 0 {
      snapshot![Int32(inode)].holders = 0
      snapshot![Int32(inode)].isSilent = false
      snapshot!.freeIfUnused(Int32(inode))
    }
  }

  /// Closes what the processes that are gone had open.
  func closeAll(withEvents: Bool) {
    landAll()
    delay = 0
    while !files.isEmpty { close(files.count - 1, withEvents: withEvents) }
  }

  /// The machine loses power: what was written lately may be as it was before, under the new times.
  func cutPower() {
    closeAll(withEvents: false)
    for number in filesystem.inodes.indices where filesystem.inodes[number].kind == .regular {
      let inode = Int32(number)
      if time - filesystem[inode].changed > 30_000_000_000 || chance(1, of: 2, UInt64(number)) {
        sync(inode)
      } else {
        filesystem[inode].content = filesystem[inode].contentOnDisk
      }
    }
    time += 20_000_000_000
  }

  func rollBack() {
    closeAll(withEvents: false)
    if let snapshot { filesystem = snapshot }
    time += 20_000_000_000
  }
}
