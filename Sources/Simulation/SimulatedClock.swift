import Capture
import LinuxSystem

/// The clocks of the simulated machine; the wall clock does not step.
final class SimulatedClock: CaptureClock {
  private let world: SimulatedWorld

  init(_ world: SimulatedWorld) { self.world = world }

  var now: Timestamp { Timestamp(nanosecondsSince1970: world.time) }

  var monotonic: UInt64 { UInt64(world.time - 1_600_000_000_000_000_000) }
}
