import LinuxSystem
import SystemPackage
import Tree

extension Observer {
  /// Decides on objects that were left without a name, after all that was queued when they were has
  /// been observed.
  ///
  /// - Parameter candidates: those that had no name before the last drain.
  /// - Returns: the ones that are still somewhere and were not found yet.
  package func resolve(_ candidates: [Mirror.Node]) -> [Mirror.Node] {
    var waiting: [Mirror.Node] = []
    for node in candidates {
      guard mirror.isLive(node), mirror.linkCount(of: node) == 0 else { continue }
      if mirror.isDirectory(node), !hasDeparted(node), isElsewhereInSource(node) {
        waiting.append(node)
      } else {
        removeDeparted(node)
      }
    }
    return waiting
  }

  /// Takes the objects that have no name now.
  package func takeOrphans() -> [Mirror.Node] {
    defer { orphans.removeAll() }
    return orphans.filter { mirror.isLive($0) && mirror.linkCount(of: $0) == 0 }
  }

  /// Keeps objects for the next round.
  package func keepOrphans(_ nodes: [Mirror.Node]) { orphans.append(contentsOf: nodes) }

  /// Whether a directory lives in a directory that the mirror knows; that one is listed then.
  private func isElsewhereInSource(_ node: Mirror.Node) -> Bool {
    do throws(Errno) {
      guard let parent = try view.parent(of: mirror.key(node)),
        let known = mirror.node(parent), known != node
      else { return false }
      toScan.append(known)
      isSeekingOrphans = true
      return true
    } catch {
      if error == .staleNFSFileHandle || error == .noSuchFileOrDirectory { return false }
      // Not known to be gone: it stays.
      unreadable[mirror.id(node)] = error
      return true
    }
  }
}
