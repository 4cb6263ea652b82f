import LinuxSystem
import SystemPackage
import Tree

/// Where objects are found by their names alone, a directory cannot be looked in while the mirror has it,
/// or one above it, at a place where it is not any more. What was hinted of it in the meantime is not
/// lost: it is listed as a whole as soon as it is found.
extension Observer {
  /// Lists the directories that could not be found, as far as they have a place again.
  func lookAtDisplaced() {
    guard !displaced.isEmpty else { return }
    let wanted = displaced
    displaced.removeAll(keepingCapacity: true)
    for directory in wanted where mirror.isLive(directory) && mirror.isDirectory(directory) {
      if mirror.isAttached(directory) {
        toScan.append(directory)
      } else {
        displaced.insert(directory)
      }
    }
    finishLooking()
  }

  /// Forgets the ones that are gone; whether there are others.
  func hasDisplaced() -> Bool {
    if displaced.isEmpty { return false }
    displaced = displaced.filter { mirror.isLive($0) && mirror.isDirectory($0) }
    return !displaced.isEmpty
  }

  /// An object could not be looked at where it should be; what was hinted of its content is kept.
  func keep(_ hint: DirtySet.Hint, of node: Mirror.Node) {
    guard mirror.kind(node) == .regular, !hint.isDisjoint(with: [.modified, .closed]) else { return }
    mirror.suspectContent(node)
    settling.note(mirror.id(node), node, isClosed: hint.contains(.closed))
  }
}
