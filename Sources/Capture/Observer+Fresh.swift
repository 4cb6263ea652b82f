import LinuxSystem
import Tree

/// Files that were changed shortly before a pass over the tree.
///
/// One of them may be mapped, with a store that is in memory alone. Another store into the same page then
/// moves no ctime and gives no event until the file is closed; and that may be while nothing runs. So what is
/// in memory is written before the content is copied: then each later store shows.
extension Observer {
  /// Linux writes a page 30 s after its first store, as it is set up by default, and looks every 5 s.
  private static let freshNanoseconds: Int64 = 60_000_000_000
  /// In one pass. Where more files are that young, a tree was just unpacked, and to have all of it written
  /// would hold up the copy.
  private static let freshMax = 4_096

  func noteFresh(_ node: Mirror.Node, _ status: Observation) {
    guard status.kind == .regular, status.attributes.sizeBytes > 0,
      clock.now.nanosecondsSince1970 - status.changed.nanosecondsSince1970 < Self.freshNanoseconds,
      verification!.freshCount < Self.freshMax
    else { return }
    verification!.freshCount += 1
    fresh.append(node)
  }

  /// To be called before what was found is committed, and so copied.
  func writeBackFresh() {
    for node in fresh where mirror.isLive(node) && mirror.kind(node) == .regular && !isAway(node) {
      // What cannot be opened is told of by others.
      try? view.writeBack(mirror.key(node))
    }
    fresh.removeAll()
  }
}
