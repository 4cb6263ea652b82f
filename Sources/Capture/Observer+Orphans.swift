import LinuxSystem
import SystemPackage
import Tree

extension Observer {
  /// Decides on objects that were left without a name, after all that was queued when they were has
  /// been observed.
  ///
  /// - Parameters:
  ///   - candidates: those that had no name before the last drain.
  ///   - isLast: nothing more can be learned by waiting for what is queued.
  /// - Returns: the ones that are still somewhere, or may be, and were not found yet.
  package func resolve(_ candidates: [Mirror.Node], isLast: Bool = true) -> [Mirror.Node] {
    var waiting: [Mirror.Node] = []
    for node in candidates {
      guard mirror.isLive(node), mirror.linkCount(of: node) == 0 else { continue }
      if mirror.isDirectory(node), !hasDeparted(node), !isOutOfSight(node) {
        let place = place(ofOrphan: node)
        if place == .inSource || (place == .unknown && !isLast) {
          waiting.append(node)
          continue
        }
      }
      removeDeparted(node)
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

  private enum OrphanPlace {
    /// In a directory that the mirror knows, which is listed then.
    case inSource
    case notInSource
    /// It cannot be asked. One that is moved again and again may be missed each time, and patience helps.
    case unknown
  }

  /// Looks upwards from an object on disk until something is met that has a place in the mirror.
  ///
  /// What the mirror has beneath it may lie above it by now, and that was perhaps moved to where it is left
  /// out, so each step asks the disk.
  private func place(ofOrphan node: Mirror.Node) -> OrphanPlace {
    var above: [Mirror.Node] = []
    var met: Set<Mirror.Node> = [node]
    var at = node
    do throws(Errno) {
      repeat {
        if view.isCovered(mirror.key(at)) { return .notInSource }
        guard let key = try view.parent(of: mirror.key(at)), let parent = mirror.node(key),
          parent != at
        else { return .notInSource }
        // They are being moved: the next round meets them elsewhere.
        guard met.insert(parent).inserted else { break }
        above.append(parent)
        at = parent
      } while !mirror.isAttached(at)
    } catch {
      if error == .staleNFSFileHandle || error == .noSuchFileOrDirectory {
        return view.findsByName ? .unknown : .notInSource
      }
      // Not known to be gone: it stays.
      unreadable[mirror.id(node)] = error
      return .inSource
    }
    // The last is the first to be listed, so that each has a place when its turn comes.
    toScan.append(contentsOf: above)
    isSeekingOrphans = true
    return .inSource
  }
}
