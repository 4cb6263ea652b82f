import LinuxSystem

extension Mirror {
  /// The roots of what is, or was, mounted inside the source and followed: directories whose objects are
  /// told apart from those of the directory that they are in.
  public func graftRoots() -> [Node] {
    directories { node in
      let graft = key(node).graft
      guard graft != 0, let up = parent(ofDirectory: node) else { return false }
      return key(up).graft != graft
    }
  }

  /// How many objects are in what is, or was, mounted inside the source.
  public var graftedCount: Int {
    var count = 0
    for root in graftRoots() {
      var beneath = [root]
      while let next = beneath.popLast() {
        count += 1
        guard isDirectory(next) else { continue }
        forEachChild(of: next) { place in
          let child = node(of: place)
          // What is mounted inside it counts by itself.
          if key(child).graft == key(root).graft { beneath.append(child) }
        }
      }
    }
    return count
  }
}
