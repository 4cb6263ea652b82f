import Journal
import Replay

/// What a journal held for a destination that was let go of.
public struct ReleasedDestination: Sendable, Equatable {
  /// The journal's directory.
  public var journal: [UInt8]
  /// Where the destination was, as the journal knew it.
  public var destination: [UInt8]
  /// The cursors that were dropped.
  public var cursors: [String]
}

/// Has every journal that knows a destination forget it: none holds commits for it any more, and its place
/// is not missed when nothing is there. The copy itself stays as it is.
///
/// - Parameters:
///   - path: where it is, or was: its disk may be away.
///   - journal: the only journal that is asked; nil for all that are known on this machine.
/// - Throws: `.locked` while a program keeps the destination.
public func releaseDestination(
  _ path: [UInt8], journal: [UInt8]?
) throws(TreelineError) -> [ReleasedDestination] {
  let place = JournalPlace.absolute(path)
  let look = DestinationLook(at: place)
  let journals = journal.map { [$0] } ?? listJournals().map(\.path)
  // All are asked before any forgets: a person who is refused has lost nothing.
  for journal in journals { try refuseWhileKept(place, journal: journal) }
  if let holder = look?.holder {
    throw TreelineError(
      "let go of", path: place, why: "process \(holder) is writing to it",
      advice: "stop that first", exitCode: .locked)
  }
  var released: [ReleasedDestination] = []
  for journal in journals {
    do throws(JournalError) {
      if let one = try release(place, look?.identity.id, journal) { released.append(one) }
    } catch {
      throw TreelineError(error, journal: journal)
    }
  }
  guard released.isEmpty else { return released }
  throw TreelineError(
    "let go of", path: place, why: "no journal knows it",
    advice: "`treeline journal cursors JOURNAL` lists what a journal holds for whom")
}

private func refuseWhileKept(_ place: [UInt8], journal: [UInt8]) throws(TreelineError) {
  guard let client = try? ControlClient(journal: journal), let status = try? client.status(),
    status.destination == place
  else { return }
  throw TreelineError(
    "let go of", path: place, why: "the backup of \(printable(status.source)) keeps it",
    advice: "stop that backup first", exitCode: .locked)
}

/// - Returns: nil when the journal does not know the destination.
private func release(
  _ place: [UInt8], _ id: [UInt8]?, _ journal: [UInt8]
) throws(JournalError) -> ReleasedDestination? {
  var known = JournalDestinations(at: journal)
  let entries = known.forget { $0.path == place || $0.id == id }
  let places = Set(entries.map(\.path)).union([place])
  let cursors = try JournalCursors(at: journal)
  var dropped: [String] = []
  for cursor in try cursors.all().cursors where places.contains(cursor.label) {
    if try cursors.drop(cursor.name) { dropped.append(cursor.name) }
  }
  if !entries.isEmpty { try known.write(at: journal) }
  if entries.isEmpty, dropped.isEmpty { return nil }
  return ReleasedDestination(
    journal: journal, destination: entries.first?.path ?? place, cursors: dropped)
}
