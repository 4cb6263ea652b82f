extension Replayer {
  /// Writes the whole tree into the destination's log where it is time for that: what earlier states are made
  /// from need not begin with the first copy then.
  func writeTree() throws(ReplayError) {
    guard let history, let applied, adopts == .no, options.versionSeconds != nil else { return }
    if !mustWriteTree, try !history.wantsTree() { return }
    try history.writeTree { add throws(ReplayError) in
      try forEachChangeSet(upTo: applied, add)
    }
    mustWriteTree = false
  }
}
