/// How deep each directory lies when a plan is done, found once per directory.
struct FinalDepths {
  /// The final parent of each directory of the plan.
  private var parents: [ObjectID: ObjectID] = [:]
  private var known: [ObjectID: Int32] = [.root: 0, .park: 0]

  init(_ objects: [PlanObject]) {
    for object in objects where object.isDirectory && object.id != .root {
      parents[object.id] = object.final.first?.parent ?? .park
    }
  }

  /// The number of steps from the root or the park down to a directory.
  ///
  /// Trees can be deeper than the stack, so there is no recursion. A directory that is nowhere counts
  /// as one in the root, and a cycle, which only a damaged journal has, is cut: no order would be legal.
  mutating func depth(of directory: ObjectID, in context: some PlanContext) -> Int32 {
    var chain: [ObjectID] = []
    var at = directory
    var depth: Int32 = 0
    while true {
      if let found = known[at] {
        depth = found
        break
      }
      known[at] = 0
      chain.append(at)
      guard let parent = parents[at] ?? context.parent(of: at) else { break }
      at = parent
    }
    while let next = chain.popLast() {
      depth += 1
      known[next] = depth
    }
    return depth
  }
}
