import Exclusion
import Tree

/// What leaves a backup because other things are left out of it than in the run before.
struct ExcludeChange {
  /// The names that leave, with all beneath them.
  private(set) var count = 0
  /// The first of them that are not beneath another.
  private(set) var examples: [[UInt8]] = []

  private static let examplesMax = 5

  /// Goes through what is known of the source. A directory is taken for a cache when it has a name
  /// like that of a tag: what is in the tag is seen later.
  init(_ mirror: Mirror, leavingOut rules: ExclusionRules) {
    let matcher = ExclusionMatcher(rules.patterns)
    var waiting = [(directory: mirror.root, place: matcher.root)]
    while let (directory, place) = waiting.popLast() {
      let isCache =
        rules.leavesOutCaches && directory != mirror.root
        && CacheTag.name.withUnsafeBytes { mirror.link(in: directory, named: $0) } != nil
      let filter = NameFilter(matcher, place, isCache: isCache)
      mirror.forEachChild(of: directory) { link in
        let node = mirror.node(of: link)
        let isDirectory = mirror.isDirectory(node)
        mirror.withName(of: link) { name in
          if filter.leavesOut(name, isDirectory: isDirectory) {
            leave(link, node, mirror)
          } else if isDirectory {
            waiting.append((node, matcher.place(of: name, in: place)))
          }
        }
      }
    }
  }

  private mutating func leave(_ link: Mirror.LinkPlace, _ node: Mirror.Node, _ mirror: Mirror) {
    if examples.count < Self.examplesMax, let path = mirror.path(of: link) {
      let slash = mirror.isDirectory(node) ? [UInt8(ascii: "/")] : []
      examples.append(Array(path.map(\.bytes).joined(separator: [UInt8(ascii: "/")])) + slash)
    }
    var waiting = [node]
    while let next = waiting.popLast() {
      count += 1
      guard mirror.isDirectory(next) else { continue }
      mirror.forEachChild(of: next) { waiting.append(mirror.node(of: $0)) }
    }
  }

  /// What a person is told.
  func text(destination: [UInt8]?) -> String {
    let start = "what is left out has changed since the last run"
    guard count > 0 else { return "\(start); nothing that was in the backup is left out now" }
    let place = destination.map { "deleted at \(printable($0))" } ?? "taken out of the journal"
    let shown = examples.map { printable($0) }.joined(separator: ", ")
    return "\(start): \(count) names will be \(place), such as \(shown)"
  }
}
