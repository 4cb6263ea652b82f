import Exclusion
import Tree

/// What the rules leave out of the source, for the directories that were asked for.
struct SourceExclusion {
  let rules: ExclusionRules
  let matcher: ExclusionMatcher
  /// Where directories are, to the patterns.
  var places: [Mirror.Node: ExclusionMatcher.Place] = [:]
  /// Whether directories have a cache tag.
  var caches: [Mirror.Node: Bool] = [:]
  /// Directories that were seen where they are left out: nobody looks for them any more.
  var departed: Set<Mirror.Node> = []

  /// Directories that are asked for together lie near each other; what is forgotten is found again
  /// from the parents.
  private static let directoriesMax = 4_096

  /// - Returns: nil when nothing is left out.
  init?(_ rules: ExclusionRules) {
    if rules.isEmpty { return nil }
    self.rules = rules
    matcher = ExclusionMatcher(rules.patterns)
  }

  /// Makes room for one directory more.
  mutating func makeRoom() {
    if places.count >= Self.directoriesMax { places.removeAll(keepingCapacity: true) }
    if caches.count >= Self.directoriesMax { caches.removeAll(keepingCapacity: true) }
  }

  /// Called before rows of the mirror are given to other objects.
  mutating func forget() {
    places.removeAll(keepingCapacity: true)
    caches.removeAll(keepingCapacity: true)
    departed.removeAll()
  }
}
