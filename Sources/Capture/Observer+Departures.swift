import Tree

extension Observer {
  /// Removes an object, with all that is only in it; reports of its directories are wanted no more.
  ///
  /// What arrives again later is looked at as a whole, and reported from before that.
  func removeDeparted(_ node: Mirror.Node) {
    if view.reportsByDirectory, mirror.isDirectory(node) {
      var beneath = [node]
      while let next = beneath.popLast() {
        view.ignore(mirror.key(next))
        mirror.forEachChild(of: next) { link in
          let child = mirror.node(of: link)
          if mirror.isDirectory(child) { beneath.append(child) }
        }
      }
    }
    if view.followsMounts { awayRemovals += countAway(from: node) }
    mirror.remove(node)
    hasRemoved = true
  }
}
