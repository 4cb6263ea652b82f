import Tree

/// What of a tree is asked for: all of it, or what lies at some paths, with the directories above.
struct RestoreSelection {
  private(set) var isWhole = false
  private(set) var children: [Name: RestoreSelection] = [:]

  /// - Parameter paths: from the root, each a list of names; none at all means all.
  init(_ paths: [[Name]]) {
    if paths.isEmpty { isWhole = true }
    for path in paths { add(path[...]) }
  }

  private mutating func add(_ path: ArraySlice<Name>) {
    if isWhole { return }
    guard let first = path.first else {
      isWhole = true
      children = [:]
      return
    }
    children[first, default: RestoreSelection()].add(path.dropFirst())
  }

  private init() {}

  /// What is asked for of a directory's entry; nil for nothing.
  func of(_ name: Name) -> RestoreSelection? { isWhole ? self : children[name] }
}
