/// An open-addressed hash index of 32-bit slots: what the slots mean, and how they are compared, is
/// the caller's.
///
/// Linear probing, at most 70 % full, removal by shifting back; 0 is an empty place.
struct SlotIndex: ~Copyable {
  private var slots: UnsafeMutablePointer<UInt32>
  private var mask: Int
  private(set) var count = 0

  init() {
    mask = (1 << 10) - 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: 0, count: mask + 1)
  }

  deinit { slots.deallocate() }

  /// The slot with this hash for which `matches` holds, or 0.
  @inline(__always)
  func find(_ hash: UInt64, _ matches: (UInt32) -> Bool) -> UInt32 {
    var at = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[at]
      if slot == 0 || matches(slot) { return slot }
      at = (at &+ 1) & mask
    }
  }

  /// Adds a slot that is not there yet; `hashOf` is asked when the index grows.
  @inline(__always)
  mutating func insert(_ slot: UInt32, _ hash: UInt64, _ hashOf: (UInt32) -> UInt64) {
    if (count + 1) * 10 > (mask + 1) * 7 { grow(hashOf) }
    place(slot, hash)
    count += 1
  }

  @inline(__always)
  private func place(_ slot: UInt32, _ hash: UInt64) {
    var at = Int(truncatingIfNeeded: hash) & mask
    while slots[at] != 0 { at = (at &+ 1) & mask }
    slots[at] = slot
  }

  private mutating func grow(_ hashOf: (UInt32) -> UInt64) {
    let old = slots
    let oldCount = mask + 1
    mask = oldCount * 2 - 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: 0, count: mask + 1)
    for at in 0..<oldCount where old[at] != 0 { place(old[at], hashOf(old[at])) }
    old.deallocate()
  }

  /// Removes a slot that is there.
  mutating func remove(_ slot: UInt32, _ hash: UInt64, _ hashOf: (UInt32) -> UInt64) {
    var hole = Int(truncatingIfNeeded: hash) & mask
    while slots[hole] != slot {
      precondition(slots[hole] != 0, "the slot is in the index")
      hole = (hole &+ 1) & mask
    }
    var at = hole
    while true {
      at = (at &+ 1) & mask
      let moving = slots[at]
      if moving == 0 { break }
      let home = Int(truncatingIfNeeded: hashOf(moving)) & mask
      // It may move into the hole only if its home does not lie between the hole and itself.
      if (at &- home) & mask >= (at &- hole) & mask {
        slots[hole] = moving
        hole = at
      }
    }
    slots[hole] = 0
    count -= 1
  }
}
