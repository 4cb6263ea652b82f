import LinuxSystem
import SystemPackage
import Tree

/// Objects by the handles that events have of them, where those are not their keys.
extension LiveSource {
  func findReported(
    _ handles: [ObjectKey], among seen: some Swift.Sequence<Mirror.Node>, _ body: (Int, Mirror.Node) -> Void
  ) -> [Int] {
    switch anchor.identity {
    case .handle: return []  // The handles are the keys.
    case .inode:
      openReported(handles, body)
      return []
    case .inodeAndHandle:
      var wanted = indices(byStamp: handles)
      // Most were just looked at under the names that they are reported with.
      for node in seen {
        if let index = mirror.key(node).stamp.flatMap({ wanted.removeValue(forKey: $0) }) { body(index, node) }
      }
      return Array(wanted.values)
    }
  }

  func searchReported(_ handles: [ObjectKey], _ body: (Int, Mirror.Node) -> Void) {
    let wanted = indices(byStamp: handles)
    for node in mirror.nodes(where: { key in key.stamp.map { wanted[$0] != nil } ?? false }) {
      body(wanted[mirror.key(node).stamp!]!, node)
    }
  }

  /// Handles by the part of a key that is made of them.
  private func indices(byStamp handles: [ObjectKey]) -> [UInt64: Int] {
    var indices: [UInt64: Int] = [:]
    for (index, handle) in handles.enumerated() { indices[handle.mixed] = index }
    return indices
  }

  /// On FUSE a handle has the number of an entry in the kernel's memory: it can be opened for as long as that
  /// is there, which it is while the file is open, by who has CAP_DAC_READ_SEARCH.
  private func openReported(_ handles: [ObjectKey], _ body: (Int, Mirror.Node) -> Void) {
    for (index, handle) in handles.enumerated() {
      do throws(Errno) {
        let opened = try handle.open(mount: anchor.root.raw, flags: OpenFlags.look.rawValue)
        if let node = mirror.node(try anchor.identity.key(of: opened.raw)) { body(index, node) }
      } catch {
        // Nor can the next; what is gone is no news.
        if error == .notPermitted || error == .notSupported { return }
      }
    }
  }
}
