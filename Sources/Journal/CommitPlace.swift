import Tree

/// Where a commit stands, as an index says; only reading it shows whether that is so.
package struct CommitPlace: Hashable, Comparable, Sendable {
  /// The first commit of its segment.
  package var segment: Sequence
  /// In the segment's file.
  package var offset: Int64
  /// Its own number; of a compacted one that of the first it stands for.
  package var sequence: Sequence

  package static func < (a: Self, b: Self) -> Bool { a.sequence < b.sequence }
}
