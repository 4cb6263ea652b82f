import LinuxSystem

extension Mirror {
  /// Whether no commit knows the object yet.
  public func isNew(_ node: Node) -> Bool { flags[node.row].contains(.created) }

  /// All directories that have a place in the tree and for which `body` holds.
  public func directories(where body: (Node) -> Bool) -> [Node] {
    var found: [Node] = []
    for row in 1..<UInt32(ids.count)
    where flags[row].contains(.live) && !flags[row].contains(.removed) && modes[row] >> 12 == 4 {
      let node = Node(row: row)
      if (parents[row] != 0 || node == root) && body(node) { found.append(node) }
    }
    return found
  }

  /// The directory in the row after one's own; nil after the last.
  public func directory(after node: Node) -> Node? {
    var row = UInt32(node.row) + 1
    while row < UInt32(ids.count) {
      if flags[row].contains(.live), !flags[row].contains(.removed), modes[row] >> 12 == 4 {
        return Node(row: row)
      }
      row += 1
    }
    return nil
  }

  /// Whether a directory's parents lead to the root, and not to one that has no name.
  public func isAttached(_ directory: Node) -> Bool {
    var at = directory
    while at != root {
      guard let up = parent(ofDirectory: at) else { return false }
      at = up
    }
    return true
  }

  /// All objects that live without a name: seen to depart, and not to arrive.
  public func unlinked() -> [Node] {
    var found: [Node] = []
    for row in 2..<max(2, UInt32(ids.count))
    where flags[row].contains(.live) && !flags[row].contains(.removed) && parents[row] == 0
      && !flags[row].contains(.hasExtraLinks)
    {
      found.append(Node(row: row))
    }
    return found
  }

  /// The nodes whose keys are wanted; a look through the whole mirror.
  public func nodes(where isWanted: (ObjectKey) -> Bool) -> [Node] {
    var found: [Node] = []
    for row in 1..<UInt32(ids.count) where flags[row].contains(.live) && !flags[row].contains(.removed) {
      if isWanted(key(Node(row: row))) { found.append(Node(row: row)) }
    }
    return found
  }

  /// The nodes of some objects; a look through the whole mirror.
  public func nodes(_ wanted: Set<ObjectID>) -> [Node] {
    var found: [Node] = []
    for row in 1..<UInt32(ids.count)
    where flags[row].contains(.live) && !flags[row].contains(.removed)
      && wanted.contains(ObjectID(ids[row]))
    {
      found.append(Node(row: row))
    }
    return found
  }
}
