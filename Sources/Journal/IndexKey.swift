import Tree

/// What commits are looked up by.
package enum IndexKey: Hashable, Sendable {
  /// The commits that say anything of an object.
  case object(ObjectID)
  /// Those of them that make or remove it, or give or take a name of it.
  case names(of: ObjectID)
  /// The commits in which an object gains or loses this name in a directory, or one of that name came and went,
  /// and a few others.
  case name([UInt8], in: ObjectID)

  /// A name in a directory as an index has it: names that share a number cost time, and are as right.
  static func number(of name: UnsafeRawBufferPointer, in directory: ObjectID) -> UInt64 {
    XXH64.hash(name, seed: directory.rawValue) >> 32
  }
}
