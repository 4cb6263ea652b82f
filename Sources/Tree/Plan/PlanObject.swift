/// What the planner is told of one object: where its names are at the destination, and where they
/// must be.
public struct PlanObject: Hashable, Sendable {
  public var id: ObjectID
  public var isDirectory: Bool
  /// Its names at the destination now, in the park too; none when it is not there.
  public var current: [Link]
  /// The names that it must have; none when it must go.
  public var final: [Link]
  /// Whether it stays, parked, though it has no final name: an object on its way from one place to
  /// another, of which only the departure was seen yet.
  public var isKept: Bool
  /// Whether it must be made, or its content made anew: a non-directory is then staged, and takes
  /// all its final names from there. Directories that are not there yet are staged whatever this
  /// says.
  public var isStaged: Bool
  /// The new directory, not placed yet, in which it was made: what is current and final there is so as soon
  /// as that is placed.
  public var top: ObjectID?
  /// Whether its attributes must be set (those of a staged object are set while it is made).
  public var needsAttributes: Bool

  public init(
    id: ObjectID, isDirectory: Bool, current: [Link], final: [Link], isKept: Bool = false,
    isStaged: Bool = false, top: ObjectID? = nil, needsAttributes: Bool = false
  ) {
    self.id = id
    self.isDirectory = isDirectory
    self.current = current
    self.final = final
    self.isKept = isKept
    self.isStaged = isStaged
    self.top = top
    self.needsAttributes = needsAttributes
  }
}

/// What the planner asks about directories that do not change.
public protocol PlanContext {
  /// The parent that a directory, not among the objects of the plan, has at the destination; nil
  /// for the root and for one that is not there.
  func parent(of directory: ObjectID) -> ObjectID?
}
