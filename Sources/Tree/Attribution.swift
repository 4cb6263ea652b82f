import LinuxSystem

/// Who did what to which objects, beside a change set.
///
/// It says what was reported, and never that nobody else had a part: an object that stands in a change
/// set and not here was changed by someone unknown.
public struct Attribution: Sendable {
  /// What one process did to one object.
  public struct Act: Hashable, Sendable {
    /// The place in `processes`.
    public var process: Int
    public var deeds: Deeds

    public init(process: Int, deeds: Deeds) {
      self.process = process
      self.deeds = deeds
    }
  }

  public private(set) var processes: [ProcessRecord] = []
  private var acts: [Act] = []
  private var ranges: [ObjectID: Range<Int>] = [:]

  /// The processes that are kept for one object; what more there are is said as one entry.
  public static let actCountMax = 16

  public init() {}

  public var isEmpty: Bool { ranges.isEmpty }

  public mutating func removeAll() {
    guard !ranges.isEmpty || !processes.isEmpty else { return }
    processes.removeAll()
    acts.removeAll()
    ranges.removeAll()
  }

  /// Takes in a process.
  ///
  /// - Returns: its place.
  public mutating func add(_ process: ProcessRecord) -> Int {
    processes.append(process)
    return processes.count - 1
  }

  /// Says all that was done to an object; called once for each.
  public mutating func set(_ added: some Collection<Act>, of object: ObjectID) {
    guard !added.isEmpty else { return }
    let first = acts.count
    acts.append(contentsOf: added)
    ranges[object] = first..<acts.count
  }

  /// What was done to an object, in the order of the first report of each process.
  public subscript(object: ObjectID) -> ArraySlice<Act> {
    ranges[object].map { acts[$0] } ?? []
  }
}
