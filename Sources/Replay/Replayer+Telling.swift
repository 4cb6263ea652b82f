import Tree

/// What who watches a replay, or asks what it would do, is told of its verbs.
extension Replayer {
  func tellForeign(_ name: [UInt8]) {
    options.onStep?(ReplayStep(operation: .foreign, path: name))
  }

  func tell(_ verb: Verb) {
    guard let onStep = options.onStep else { return }
    switch verb {
    case .stage(let id):
      let isNew = tree.links(of: id).isEmpty
      onStep(ReplayStep(operation: isNew ? .make : .replace, path: path(of: id)))
    case .move(let id, let from, let to, _):
      if from == .staged(id) { return }
      onStep(ReplayStep(operation: .move, path: path(of: to), from: path(of: from)))
    case .link(let id, let from, let to, _):
      if tree.links(of: id).contains(to) { return }
      let first = from == .staged(id) ? path(of: id) : path(of: from)
      let name = path(of: to)
      // The name under which it was told of when it was made.
      if name == first { return }
      onStep(ReplayStep(operation: .link, path: name, from: first))
    case .unlink(_, let link):
      onStep(ReplayStep(operation: .remove, path: path(of: link)))
    case .removeDirectory(_, let link):
      onStep(ReplayStep(operation: .removeDirectory, path: path(of: link)))
    case .setAttributes(let id):
      guard let object = owed[id], !object.work.contains(.make),
        !object.work.isDisjoint(with: [.attributes, .extendedAttributes])
      else { return }
      onStep(ReplayStep(operation: .attributes, path: path(of: id)))
    }
  }
}
