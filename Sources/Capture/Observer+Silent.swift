import LinuxSystem
import Tree

/// Looks for changes that no event tells of.
extension Observer {
  /// Looks again at files that may have a writer, and at the next part of the tree, as far as that is
  /// due.
  ///
  /// - Parameter waived: whether the files are looked at whether due or not.
  func lookForSilentWriters(waived: Bool) {
    isSeekingSilent = true
    defer { isSeekingSilent = false }
    for (node, id) in openFiles.takeDue(now: clock.monotonic, all: waived) {
      guard mirror.isLive(node), mirror.id(node) == id else {
        openFiles.forget(node)
        continue
      }
      note([], of: node)
    }
    finishLooking()
    sweepIfDue()
  }

  /// When such a look is due, in monotonic nanoseconds; nil for never.
  var silentLookDue: UInt64? {
    guard let look = openFiles.due else { return sweep.nextDue }
    return min(look, sweep.nextDue ?? .max)
  }

  private func sweepIfDue() {
    let start = clock.monotonic
    guard sweep.isDue(now: start) else { return }
    // A pass over the whole tree that is not over yet comes to everything by itself.
    guard verification == nil else { return sweep.delay(now: start) }
    if sweep.isWanted || sweep.place == nil {
      sweep.begin(at: mirror.root, now: start)
      observeRoot()
    }
    while let directory = sweep.place {
      // Its row may have gone to a file since the last step.
      if mirror.isDirectory(directory), mirror.isAttached(directory) { scan(directory) }
      finishLooking()
      sweep.place = mirror.directory(after: directory)
      if !sweep.isWanted, clock.monotonic >= start + Sweep.stepNanoseconds { break }
    }
    sweep.stepped(from: start, to: clock.monotonic)
    if sweep.place == nil { sweep.end(at: clock.now) }
  }
}
