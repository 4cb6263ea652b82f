/// Which lines of a journal are wanted.
public struct LineFilter: Sendable {
  /// A line is wanted if its path, old or new, matches one; none wants all.
  public var paths: [PathPattern] = []
  public var operations: Set<Operation> = Set(Operation.allCases)
  /// A line is wanted if one of its processes matches one of these; none wants all.
  public var actors: [ActorPattern] = []
  /// The first and the last commit wanted.
  public var since: Moment?
  public var until: Moment?

  public init() {}

  /// Whether a line of the span is wanted.
  public func wants(_ line: JournalLine) -> Bool {
    guard operations.contains(line.operation) else { return false }
    if !actors.isEmpty {
      guard let found = line.object?.actors, found.contains(where: { actor in
        actors.contains { $0.matches(actor.process) }
      }) else { return false }
    }
    if paths.isEmpty { return true }
    guard let object = line.object else { return false }
    return paths.contains { pattern in
      pattern.matches(object.path) || object.from.map { pattern.matches($0) } ?? false
    }
  }
}
