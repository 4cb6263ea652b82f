import Tree

/// Where a named consumer stands in its journal.
public struct CursorStanding: Sendable {
  /// Whether the consumer can go on from its cursor.
  public enum State: String, Sendable {
    case live
    /// The commits after it are not there any more.
    case lost
    /// It is a cursor of another journal.
    case foreign
    /// It is of another course of this journal: one of them was restored from an old copy.
    case forked

    /// What a person is told; nil when all is well.
    public var trouble: String? {
      switch self {
      case .live: nil
      case .lost: "must rescan: the commits after it were dropped"
      case .foreign: "must rescan: it is of another journal"
      case .forked: "must rescan: it is of another course of this journal"
      }
    }
  }

  public var cursor: JournalCursor
  public var state: State
  /// Commits after it that are durable.
  public var behind: UInt64

  /// Looks where all cursors of a journal stand.
  ///
  /// - Returns: those that can be read, and what is wrong with the others.
  public static func all(
    in journal: [UInt8]
  ) throws(JournalError) -> (standings: [CursorStanding], damaged: [Finding]) {
    let (cursors, damaged) = try JournalCursors(at: journal).all()
    let reader = try JournalReader.open(at: journal)
    let durable = try reader.durable()
    var standings: [CursorStanding] = []
    for kept in cursors {
      let cursor = kept.cursor
      standings.append(
        CursorStanding(
          cursor: kept, state: try state(of: cursor, reader, durable),
          behind: durable.sequence.rawValue - min(cursor.sequence, durable.sequence).rawValue))
    }
    return (standings, damaged)
  }

  /// Where a cursor stands; the reader is somewhere else afterwards.
  package static func state(
    of cursor: Cursor, _ reader: JournalReader, _ durable: Cursor
  ) throws(JournalError) -> State {
    guard cursor.journal == reader.id else { return .foreign }
    if cursor == durable { return .live }
    // One above `HEAD` is no fork by that alone: after a power cut `HEAD` may name an earlier commit than the
    // last durable one, until the next writer.
    guard cursor.sequence >= reader.oldest.sequence else { return .lost }
    return try reader.seek(after: cursor) ? .live : .forked
  }
}
