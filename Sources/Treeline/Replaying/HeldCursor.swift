import Journal
import LinuxSystem

/// The cursor by which a journal keeps what one destination still needs.
///
/// The destination's own log says how far it is; this copy only holds retention, and so may be behind.
struct HeldCursor {
  private let cursors: JournalCursors
  private let name: String
  private let label: [UInt8]
  private(set) var last: Cursor?
  private var nextMove: UInt64 = 0

  /// Two syncs of the journal's disk: not with every commit.
  private static let intervalNanoseconds: UInt64 = 10_000_000_000

  /// Looks for what was kept of the consumer.
  init(_ name: String, label: [UInt8], journal: [UInt8]) throws(JournalError) {
    cursors = try JournalCursors(at: journal)
    self.name = name
    self.label = label
    do throws(JournalError) { last = try cursors.cursor(name)?.cursor } catch {
      // One that cannot be read holds nothing, and is written anew.
      guard case .damaged = error else { throw error }
    }
  }

  /// What a person is told of a cursor that was of another journal, or of another course of it.
  func trouble(in journal: JournalReader) throws(JournalError) -> String? {
    guard let last else { return nil }
    let state = try CursorStanding.state(of: last, journal, journal.durable())
    return state.trouble.map { "cursor \(name), at commit \(last.sequence.rawValue), \($0)" }
  }

  /// Holds what is needed from now on.
  ///
  /// - Precondition: what was consumed up to there is durable.
  /// - Parameter atOnce: also when it was moved a moment ago.
  mutating func move(to cursor: Cursor, atOnce: Bool = false) throws(JournalError) {
    guard cursor != last, atOnce || monotonicNanoseconds() >= nextMove else { return }
    try cursors.move(
      JournalCursor(name: name, cursor: cursor, moved: .now(), label: label))
    last = cursor
    nextMove = monotonicNanoseconds() + Self.intervalNanoseconds
  }
}
