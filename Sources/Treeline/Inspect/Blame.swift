import Journal
import LinuxSystem
import Tree

/// Who touched a path, last and before: the lines of a journal about what stands there, under whatever
/// name it had then, and about what stood there before; see `PathOccupants`.
public struct Blame: Sendable {
  /// Newest first.
  public let lines: [JournalLine]

  /// Finds the objects, and tells of them.
  ///
  /// - Parameters:
  ///   - path: from the source's root, without a leading `/`; `.` for the root.
  ///   - filter: which of the lines are wanted.
  ///   - limit: how many lines are wanted at most, the newest.
  public init(
    journal: [UInt8], path: [UInt8], filter: LineFilter = LineFilter(), limit: Int
  ) throws(TreelineError) {
    let occupants = try PathOccupants(journal: journal, path: path)
    guard !occupants.isEmpty else { throw .neverSeen(path, journal: journal) }
    var kept = LastElements<JournalLine>(limit: limit)
    try occupants.tell(filter) { kept.add($0) }
    lines = kept.all.reversed()
  }
}

extension TreelineError {
  /// A journal has no word of a path.
  static func neverSeen(_ path: [UInt8], journal: [UInt8]) -> TreelineError {
    TreelineError(
      "tell of", path: path, why: "the journal \(printable(journal)) knows nothing of it")
  }
}
