import Fanotify
import LinuxSystem

/// What a simulated event says.
struct SimulatedEvent {
  var mask: EventMask
  var process: Int32
  var directory = SimulatedFilesystem.Handle.none
  var name = SimulatedNames.none
  var object = SimulatedFilesystem.Handle.none
  /// Of a rename: where to. The other directory and name are then where from.
  var newDirectory = SimulatedFilesystem.Handle.none
  var newName = SimulatedNames.none

  /// Whether Linux makes one event of two: the same process, directory, name and child, and both or
  /// neither about a directory, and both or neither renames.
  @inline(__always)
  func merges(_ other: SimulatedEvent) -> Bool {
    object == other.object && directory == other.directory && name == other.name
      && newDirectory == other.newDirectory && newName == other.newName
      && process == other.process
      && mask.contains(.onDirectory) == other.mask.contains(.onDirectory)
      && mask.contains(.rename) == other.mask.contains(.rename)
  }
}

/// The kernel's queue: a new event is merged into any earlier one that is like it and unread, and
/// keeps the old one's place; what does not fit leaves one mark of overflow.
struct KernelQueue {
  private var events: [SimulatedEvent] = []
  private var head = 0
  private var isOverflowQueued = false
  let limit: Int

  init(limit: Int) { self.limit = limit }

  var count: Int { events.count - head }

  mutating func add(_ event: SimulatedEvent) {
    if count >= limit {
      if isOverflowQueued { return }
      isOverflowQueued = true
      events.append(SimulatedEvent(mask: .queueOverflow, process: 0))
      return
    }
    var at = events.count
    while at > head {
      at -= 1
      if events[at].merges(event) {
        events[at].mask.formUnion(event.mask)
        return
      }
    }
    events.append(event)
  }

  mutating func next() -> SimulatedEvent? {
    if head == events.count { return nil }
    let event = events[head]
    head += 1
    if head == events.count {
      events.removeAll(keepingCapacity: true)
      head = 0
    }
    if event.mask.contains(.queueOverflow) { isOverflowQueued = false }
    return event
  }
}
