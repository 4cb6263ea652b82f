import Exclusion

/// What a reader of the whole tree leaves out: it has only what it finds on its way, and the observer
/// has the last word.
struct ReaderExclusion {
  private let rules: ExclusionRules
  private let matcher: ExclusionMatcher

  /// - Returns: nil when nothing is left out.
  init?(_ rules: ExclusionRules) {
    if rules.isEmpty { return nil }
    self.rules = rules
    matcher = ExclusionMatcher(rules.patterns)
  }

  /// What is open in the root; other directories come from `NameFilter.openParts`.
  var rootParts: [UInt64] { matcher.openParts(of: matcher.root) }

  /// What is left out of an open directory.
  func filter(for openParts: [UInt64], _ directory: Int32, isRoot: Bool) -> NameFilter {
    NameFilter(
      matcher, matcher.place(ofOpenParts: openParts),
      isCache: rules.leavesOutCaches && !isRoot && CacheTag.isThere(in: directory))
  }
}
