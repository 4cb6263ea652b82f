/// The number of a commit in a journal; the first commit is 1, and 0 stands before it.
public struct Sequence: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Before the first commit.
  public static let zero = Sequence(0)

  /// The commit after this one.
  @inlinable public var next: Sequence { Sequence(rawValue + 1) }

  @inlinable
  public static func < (a: Sequence, b: Sequence) -> Bool { a.rawValue < b.rawValue }
}
