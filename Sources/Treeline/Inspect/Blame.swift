import Journal
import LinuxSystem
import Tree

/// Who touched a path, last and before: the lines of a journal about what stands there, under whatever
/// name it had then, and about what stood there before.
///
/// Programs that save by writing another file and renaming it over the first put a new object there
/// each time: the lines of both are given, of the earlier one up to when it left the path.
public struct Blame: Sendable {
  /// Newest first.
  public let lines: [JournalLine]

  /// Reads a journal twice: to find the objects, and to tell of them.
  ///
  /// - Parameters:
  ///   - path: from the source's root, without a leading `/`; `.` for the root.
  ///   - filter: which of the lines are wanted.
  ///   - limit: how many lines are wanted at most, the newest.
  public init(
    journal: [UInt8], path: [UInt8], filter: LineFilter = LineFilter(), limit: Int
  ) throws(TreelineError) {
    let occupants = try Self.occupants(journal, path)
    var kept: [JournalLine] = []
    _ = try JournalNarration(journal: journal, filter: filter).tell { line in
      guard let object = line.object, let last = occupants[object.id], line.sequence <= last
      else { return }
      // Within one commit: what was there went before what is there came.
      var place = kept.count
      if line.operation == .remove {
        while place > 0, kept[place - 1].sequence == line.sequence { place -= 1 }
      }
      kept.insert(line, at: place)
      if kept.count >= 2 * limit { kept.removeFirst(kept.count - limit) }
    }
    lines = kept.suffix(limit).reversed()
  }

  /// The objects that were ever there, each with the last commit that told of it there.
  private static func occupants(
    _ journal: [UInt8], _ path: [UInt8]
  ) throws(TreelineError) -> [ObjectID: Sequence] {
    var found: [ObjectID: Sequence] = [:]
    let narration = try JournalNarration(journal: journal, filter: LineFilter())
    _ = try narration.tell { line in
      guard let object = line.object, object.path == path || object.from == path else { return }
      found[object.id] = line.sequence
    }
    // What stands there now may have come with a directory above it.
    if let present = narration.object(at: path) { found[present] = Sequence(UInt64.max) }
    guard !found.isEmpty else {
      throw TreelineError(
        "tell who changed", path: path, why: "the journal \(printable(journal)) knows nothing of it")
    }
    return found
  }
}
