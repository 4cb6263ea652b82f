import Tree

/// Names that objects have lost and may still be reported under: who opened a file by a name goes on to
/// write under that, though it was removed, and the file lives on by another.
struct FormerNames {
  private struct Place: Hashable {
    var directory: Mirror.Node
    var name: [UInt8]
  }

  private struct Owner {
    var node: Mirror.Node
    var id: ObjectID
  }

  /// When so many are known they are forgotten: some 300 KiB. What is written then under such a name is
  /// found because its file is looked at until it is closed, or by the sweep.
  private static let countMax = 4_096

  private var owners: [Place: Owner] = [:]

  /// An object is not under a name any more.
  mutating func note(
    _ directory: Mirror.Node, _ name: UnsafeRawBufferPointer, _ node: Mirror.Node, _ mirror: Mirror
  ) {
    if mirror.isDirectory(node) { return }
    if owners.count >= Self.countMax { owners.removeAll() }
    owners[Place(directory: directory, name: Array(name))] = Owner(node: node, id: mirror.id(node))
  }

  /// The object that had a name last, if it still has another.
  func find(
    _ directory: Mirror.Node, _ name: UnsafeRawBufferPointer, _ mirror: Mirror
  ) -> Mirror.Node? {
    guard !owners.isEmpty,
      let owner = owners[Place(directory: directory, name: Array(name))],
      mirror.isLive(owner.node), mirror.id(owner.node) == owner.id
    else { return nil }
    return owner.node
  }
}
