/// One thing that happens in a simulation.
///
/// It names no object by number: what it is about is chosen out of what is there when its turn comes,
/// so that a list of operations still means something when some are left out.
package struct Operation: Hashable, Sendable {
  package enum Kind: UInt8, CaseIterable, Sendable {
    // Names.
    case makeDirectory, makeFile, makeNode, makeSymbolicLink, makeUnnamed, link, unlink
    case removeDirectory, removeTree, rename, exchange, whiteout, moveOut, moveIn, cloneTree
    // Content.
    case open, write, truncate, map, store, close, rewrite
    // Attributes.
    case setMode, setOwner, setAttribute, setModified, setTimes, setAccessed
    // The recording and the machine.
    case quiesce, stop, kill, powerCut, takeSnapshot, rollBack

    /// Whether it happens to the recording, between its rounds, and not to the source beneath it.
    var isControl: Bool { rawValue >= Kind.quiesce.rawValue }
  }

  package var kind: Kind
  /// Its place in the list that it was made in: what is decided by chance after it goes by this, and so
  /// stays as it is when operations before it are left out.
  package let number: UInt32
  /// Which of three processes does it.
  package var process: UInt8
  /// How many looks of the observer pass before the next operation.
  package var wait: UInt8
  /// How many looks pass between the change and its events being queued.
  package var delay: UInt8
  /// What it is about, and how: see `SimulatedWorld`.
  package var a: UInt16
  package var b: UInt16
  package var c: UInt16
  package var d: UInt16
}

extension Operation: CustomStringConvertible {
  package var description: String {
    "\(number) \(kind) process \(process) wait \(wait) delay \(delay) \(a) \(b) \(c) \(d)"
  }
}
