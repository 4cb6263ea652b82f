import Glibc
import LinuxSystem
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

  /// Makes a file that may still have a writer show its next change in its ctime: a store into a
  /// page that is already dirty does not move it, so the pages are written first.
  private func rearm(_ node: Mirror.Node) {
    do throws(Errno) {
      let file = try mirror.key(node).open(
        mount: anchor.root.raw, flags: OpenFlags.content.rawValue)
      try FileBytes.syncContent(file.raw)
      let status = Observation(try FileStatus.of(file.raw))
      mirror.observe(
        node, status.attributes, changed: status.changed, drainedSeconds: drainedSeconds)
    } catch {
      failed(node, error)
    }
  }
}
