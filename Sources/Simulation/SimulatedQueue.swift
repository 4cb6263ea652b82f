import Capture
import LinuxSystem
import SystemPackage

/// The thread that reads the kernel's queue, as far as its user sees it: it lags, and then reads all.
final class SimulatedQueue: HintQueue, @unchecked Sendable {
  private let world: SimulatedWorld
  private var dirty = DirtySet()
  private var drained = Timestamp.zero
  private var bytes = EventBytes()
  /// Breaks the reader on purpose, to see that it is noticed.
  private let sabotage: Sabotage

  init(_ world: SimulatedWorld, _ sabotage: Sabotage) {
    self.world = world
    self.sabotage = sabotage
    world.queue = KernelQueue(limit: world.settings.queueLimit)
    world.onTurn = { [unowned self] in
      if world.chance(world.settings.drainChance, of: 256, 1) { self.read(1 + Int(world.time & 7)) }
    }
  }

  func close() {
    world.queue = nil
    world.onTurn = nil
  }

  /// Reads some events, and says whether there was none left.
  private func read(_ count: Int) {
    for _ in 0..<count {
      guard let event = world.queue!.next() else {
        drained = Timestamp(nanosecondsSince1970: world.time)
        return
      }
      note(event)
    }
  }

  private func note(_ event: SimulatedEvent) {
    world.tell("  read \(event)")
    if event.mask.contains(.queueOverflow) { return dirty.addEverything() }
    world.readCount += 1
    switch sabotage {
    case .dropEvents where world.readCount % 1_000 == 0: return
    case .ignoreRenames where event.newDirectory != .none: return
    default: break
    }
    bytes.with(event, world.filesystem) { dirty.add($0) }
  }

  func barrier() throws(Errno) {
    world.pass()
    read(.max)
  }

  func take(replacement empty: DirtySet) -> TakenHints {
    world.pass()
    let taken = TakenHints(dirty: dirty, drained: drained)
    dirty = empty
    return taken
  }

  var drainedAt: Timestamp { drained }

  var isQuiet: Bool { dirty.isEmpty && world.queue!.count == 0 }

  func wait(until deadline: UInt64?, or isAsked: () -> Bool) throws(Errno) {}

  func nudge() {}
}

/// What is broken on purpose, to see that a simulation finds it.
package enum Sabotage: String, CaseIterable, Sendable {
  case none
  case dropEvents = "drop-events"
  case ignoreRenames = "ignore-renames"
}
