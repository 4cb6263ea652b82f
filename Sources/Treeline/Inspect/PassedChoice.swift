import Tree

/// Which of the objects that came and went between two commits are told of.
public enum PassedChoice: Sendable {
  case nothing
  case everything
  /// Those that had a path: before which commits there were any, and in which directory.
  case of([UInt8], [Sequence: ObjectID])
}
