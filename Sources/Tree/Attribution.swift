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

  /// An object that came and went between two commits: no change set tells of it.
  public struct Transient: Sendable {
    /// The directory that it was made in, or was renamed to, last.
    public var parent: ObjectID
    public var name: Name
    public var isDirectory: Bool
    fileprivate var acts: Range<Int>
  }

  public private(set) var processes: [ProcessRecord] = []
  /// What came and went, as far as it was recorded.
  public private(set) var transients: [Transient] = []
  private var acts: [Act] = []
  private var ranges: [ObjectID: Range<Int>] = [:]

  /// The processes that are kept for one object; what more there are is said as one entry.
  public static let actCountMax = 16
  /// What came and went is kept of so many for a commit: programs make and remove names by the thousand.
  public static let transientCountMax = 256

  public init() {}

  public var isEmpty: Bool { ranges.isEmpty && transients.isEmpty }

  public mutating func removeAll() {
    guard !isEmpty || !processes.isEmpty else { return }
    processes.removeAll()
    transients.removeAll()
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

  /// Takes in what came and went, and all that was done to it; no more than are kept.
  public mutating func addTransient(
    _ name: Name, in parent: ObjectID, isDirectory: Bool, _ added: some Collection<Act>
  ) {
    guard transients.count < Self.transientCountMax else { return }
    let first = acts.count
    acts.append(contentsOf: added)
    transients.append(
      Transient(parent: parent, name: name, isDirectory: isDirectory, acts: first..<acts.count))
  }

  /// What was done to an object that came and went.
  public subscript(transient: Transient) -> ArraySlice<Act> { acts[transient.acts] }
}
