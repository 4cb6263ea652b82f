import SystemPackage
import Tree

extension Observer {
  /// Hands what has settled to the next commit.
  ///
  /// - Parameter waived: whether settle times do not count: everything that is suspect goes.
  /// - Returns: when the next object is due, in monotonic nanoseconds.
  package func settle(waived: Bool) -> UInt64? {
    let (settled, due) = settling.takeSettled(waived: waived) { node, id in
      guard mirror.isLive(node), mirror.id(node) == id, mirror.isSuspect(node) else { return nil }
      return mirror.attributes(node).sizeBytes
    }
    // What is away stays suspect, and is compared when it is back.
    for (node, isClosed) in settled where !isAway(node) {
      if isClosed {
        openFiles.forget(node)
      } else {
        rearm(node)
        openFiles.note(mirror.id(node), node, now: clock.monotonic)
      }
      mirror.settleContent(node)
    }
    return due
  }

  /// Makes a file that may still have a writer show its next change in its ctime.
  private func rearm(_ node: Mirror.Node) {
    do throws(Errno) {
      // All that a ctime stands for is looked at with it: a pass over the tree after a loss of events
      // takes an object for unchanged whose ctime is known.
      try view.rearm(mirror.key(node)) { status throws(Errno) in try observe(node, status) }
    } catch {
      failed(node, error)
    }
  }
}
