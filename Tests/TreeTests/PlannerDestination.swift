import Tree

/// A destination in memory that refuses what POSIX refuses, and a little more: what a plan has no
/// reason to ask.
struct PlannerDestination {
  struct Refusal: Error, CustomStringConvertible { let description: String }

  /// What a name stands for. Two inodes of one object are its old and its new content.
  struct Inode: Hashable {
    var id: ObjectID
    var isNew = false
  }

  var names: [Link: Inode] = [:]
  /// Where each directory that is there is; the root and the park are nowhere.
  var directories: [ObjectID: Link?] = [.root: nil, .park: nil]
  var childCounts: [ObjectID: Int] = [:]
  let kinds: [ObjectID: Bool]
  /// Names that have a non-directory before and after: they must never be missing.
  var lasting: Set<Link> = []

  /// Directories whose times are wrong now, and those that were set.
  var touched: Set<ObjectID> = []
  var settled: [ObjectID: Int] = [:]
  var parkedCount = 0

  func isDirectory(_ id: ObjectID) -> Bool { kinds[id] ?? true }

  mutating func add(_ id: ObjectID, at link: Link) {
    names[link] = Inode(id: id)
    childCounts[link.parent, default: 0] += 1
    if isDirectory(id) { directories[id] = .some(link) }
  }

  mutating func perform(_ verb: Verb) throws {
    switch verb {
    case .stage(let id):
      if isDirectory(id) {
        guard directories[id] == nil else { throw Refusal(description: "is there already") }
      }
      try insert(Inode(id: id, isNew: true), .staged(id))
      touched.insert(id)
    case .move(let id, let from, let to, let over):
      try move(id, from, to, over: over)
    case .link(let id, let from, let to, let over):
      let inode = try inode(from, id)
      guard !isDirectory(id) else { throw Refusal(description: "EPERM: link to a directory") }
      if over { try replace(to, with: inode) }
      try insert(inode, to)
      if to.parent == .park { parkedCount += 1 }
    case .unlink(let id, let link):
      _ = try inode(link, id)
      guard !isDirectory(id) else { throw Refusal(description: "EISDIR") }
      guard !lasting.contains(link) else { throw Refusal(description: "the name is missing") }
      remove(link)
    case .removeDirectory(let id, let link):
      _ = try inode(link, id)
      guard isDirectory(id) else { throw Refusal(description: "ENOTDIR") }
      guard childCounts[id, default: 0] == 0 else { throw Refusal(description: "ENOTEMPTY") }
      remove(link)
      directories[id] = nil
      touched.remove(id)
    case .setAttributes(let id):
      guard id == .root || directories[id] != nil || names.values.contains(where: { $0.id == id })
      else { throw Refusal(description: "ENOENT") }
      touched.remove(id)
      settled[id, default: 0] += 1
    }
  }

  private mutating func move(_ id: ObjectID, _ from: Link, _ to: Link, over: Bool) throws {
    let inode = try inode(from, id)
    guard from == .staged(id) || !lasting.contains(from) else {
      throw Refusal(description: "the name is missing")
    }
    if isDirectory(id) {
      guard !over else { throw Refusal(description: "a directory replaces nothing") }
      var at = to.parent
      while let place = directories[at], let link = place {
        guard at != id else { throw Refusal(description: "EINVAL: into its own subtree") }
        at = link.parent
      }
      guard at != id else { throw Refusal(description: "EINVAL: into itself") }
    }
    if over { try replace(to, with: inode) }
    try insert(inode, to)
    remove(from)
    if isDirectory(id) {
      directories[id] = .some(to)
      touched.insert(id)
    }
    if to.parent == .park { parkedCount += 1 }
  }

  private func inode(_ link: Link, _ id: ObjectID) throws -> Inode {
    guard let inode = names[link] else { throw Refusal(description: "ENOENT \(link)") }
    guard inode.id == id else { throw Refusal(description: "another object at \(link)") }
    return inode
  }

  private mutating func replace(_ link: Link, with inode: Inode) throws {
    guard let old = names[link] else { throw Refusal(description: "nothing to replace") }
    guard !isDirectory(old.id) else { throw Refusal(description: "EISDIR") }
    guard old != inode else { throw Refusal(description: "a rename onto itself does nothing") }
    remove(link)
  }

  private mutating func insert(_ inode: Inode, _ link: Link) throws {
    guard directories[link.parent] != nil else { throw Refusal(description: "ENOENT parent") }
    guard directories[link.parent] != .some(.staged(link.parent)) else {
      throw Refusal(description: "into a directory that has no name yet")
    }
    guard names[link] == nil else { throw Refusal(description: "EEXIST \(link)") }
    names[link] = inode
    childCounts[link.parent, default: 0] += 1
    if isDirectory(inode.id) { directories[inode.id] = .some(link) }
    touch(link.parent)
  }

  private mutating func remove(_ link: Link) {
    names[link] = nil
    childCounts[link.parent]! -= 1
    touch(link.parent)
  }

  private mutating func touch(_ directory: ObjectID) {
    if directory != .park { touched.insert(directory) }
  }
}
