/// The number of one object in the life of one journal: given once, never used again, and apart
/// from where the object is kept in memory.
public struct ObjectID: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// No object.
  public static let none = ObjectID(0)
  /// The source directory itself.
  public static let root = ObjectID(1)
  /// The first number that an object other than the root gets.
  public static let first = ObjectID(2)
  /// The largest number that an object can have; what is above stands for places at a destination.
  public static let last = ObjectID(1 << 56)
  /// The destination's own directory for what is being made or is in the way.
  public static let park = ObjectID(1 << 63)

  @inlinable
  public static func < (a: ObjectID, b: ObjectID) -> Bool { a.rawValue < b.rawValue }
}
