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

extension Operation {
  /// Reads what `description` writes; nil where it is none.
  package init?(_ description: String) {
    let words = description.split(separator: " ")
    guard words.count == 12, let number = UInt32(words[0]),
      let kind = Kind.allCases.first(where: { "\($0)" == words[1] }),
      let process = UInt8(words[3]), let wait = UInt8(words[5]), let delay = UInt8(words[7]),
      let a = UInt16(words[8]), let b = UInt16(words[9]), let c = UInt16(words[10]),
      let d = UInt16(words[11])
    else { return nil }
    self.init(
      kind: kind, number: number, process: process, wait: wait, delay: delay, a: a, b: b, c: c,
      d: d)
  }
}
