import Journal
import LinuxSystem
import Tree

/// The versions of a path: what became of the object that stands there, under whatever name it had then,
/// and of those that stood there before; see `PathOccupants`.
public struct PathHistory: Sendable {
  /// What one commit made of an object.
  public struct Version: Sendable, Equatable {
    public var sequence: Sequence
    public var time: Timestamp
    /// All that was done to it, a rename before what else.
    public var operations: [Operation]
    /// As it was afterwards.
    public var object: JournalLine.Object
  }

  /// Oldest first.
  public let versions: [Version]
  /// Bytes of the journal's content that were read for it; nil for all.
  package let plainBytes: UInt64?

  /// Finds the objects, and tells of them.
  ///
  /// - Parameters:
  ///   - path: from the source's root, without a leading `/`; `.` for the root.
  ///   - filter: which of the lines are wanted.
  ///   - limit: how many versions are wanted at most, the newest; nil wants all.
  /// - Throws: when the journal has no word of the path.
  public init(
    journal: [UInt8], path: [UInt8], filter: LineFilter = LineFilter(), limit: Int? = nil
  ) throws(TreelineError) {
    try self.init(journal: journal, path: path, filter: filter, limit: limit, isIndexed: true)
  }

  /// - Parameter isIndexed: otherwise no index is asked.
  package init(
    journal: [UInt8], path: [UInt8], filter: LineFilter, limit: Int?, isIndexed: Bool
  ) throws(TreelineError) {
    let occupants = try PathOccupants(journal: journal, path: path, isIndexed: isIndexed)
    guard !occupants.isEmpty else { throw .neverSeen(path, journal: journal) }
    var kept = LastElements<Version>(limit: limit)
    var open: Version?
    try occupants.tell(filter) { line in
      guard let object = line.object else { return }
      if let version = open, version.sequence == line.sequence, version.object.id == object.id {
        open = version.joined(line.operation, object)
      } else {
        if let open { kept.add(open) }
        open = Version(
          sequence: line.sequence, time: line.time, operations: [line.operation], object: object)
      }
    }
    if let open { kept.add(open) }
    versions = kept.all
    plainBytes = occupants.plainBytes
  }
}

extension PathHistory.Version {
  fileprivate func joined(_ operation: Operation, _ next: JournalLine.Object) -> Self {
    var version = self
    if !operations.contains(operation) { version.operations.append(operation) }
    if object.from == nil {
      version.object.path = next.path
      version.object.from = next.from
    }
    version.object.changed += next.changed
    version.object.actors += next.actors.filter { actor in !object.actors.contains(actor) }
    return version
  }

  /// The members of a line of `history --json`.
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("seq", sequence.rawValue)
      json.member("time", time.rfc3339)
      json.array("ops") { json in for operation in operations { json.element(operation.rawValue) } }
      object.writeMembers(&json)
    }
  }

  /// The columns of a line of `history`: as those of a line of the journal, with all operations.
  public var columns: [String] {
    var line = JournalLine(
      sequence: sequence, time: time, operation: operations[0], object: object)
    // What changed stands beside the size only where nothing else was done.
    if operations != [.attributes] { line.object?.changed = [] }
    var columns = line.columns
    columns[2] = operations.map(\.rawValue).joined(separator: ",")
    return columns
  }
}
