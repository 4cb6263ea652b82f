/// All that a person asked to leave out of a tree.
package struct ExclusionRules: Sendable, Hashable {
  package var patterns = ExclusionList()
  /// Whether what lies beside a cache tag is left out. The directory itself is not, nor is its tag;
  /// and the root is never taken for a cache.
  package var leavesOutCaches = false

  package init() {}

  /// Nothing is left out.
  package var isEmpty: Bool { patterns.isEmpty && !leavesOutCaches }
}

extension ExclusionRules {
  private static let plain = Array("treeline excludes 1".utf8)
  private static let caches = Array("treeline excludes 1, caches".utf8)

  /// The rules in one run of bytes: what it is, and the patterns, each ended by NUL.
  package var encoded: [UInt8] {
    (leavesOutCaches ? Self.caches : Self.plain) + [0] + patterns.encoded
  }

  /// Reads what `encoded` gives; nil when it is anything else.
  package init?(encoded: [UInt8]) {
    guard let end = encoded.firstIndex(of: 0),
      let patterns = ExclusionList(encoded: Array(encoded[(end + 1)...]))
    else { return nil }
    switch Array(encoded[..<end]) {
    case Self.plain: leavesOutCaches = false
    case Self.caches: leavesOutCaches = true
    default: return nil
    }
    self.patterns = patterns
  }
}
