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
    for (node, isClosed) in settled {
      if !isClosed { rearm(node) }
      mirror.settleContent(node)
    }
    return due
  }

  /// Makes a file that may still have a writer show its next change in its ctime.
  private func rearm(_ node: Mirror.Node) {
    do throws(Errno) {
      let status = try view.rearm(mirror.key(node))
      mirror.observe(
        node, status.attributes, changed: status.changed, drainedSeconds: drainedSeconds)
    } catch {
      failed(node, error)
    }
  }
}
