import Journal
import LinuxSystem
import Tree

/// The cursor of a consumer that takes exports of a journal.
public struct ExportCursor: Sendable {
  private let name: String
  private let journal: [UInt8]
  private let label: [UInt8]
  /// The commit after which the consumer goes on; zero where nothing is known of it yet.
  public let from: Sequence

  /// - Parameter name: see `JournalCursor.isName`.
  /// - Throws: when the consumer cannot go on from where it stands.
  public init(_ name: String, journal: [UInt8]) throws(TreelineError) {
    self.name = name
    self.journal = journal
    var found: JournalCursor?
    var state: CursorStanding.State?
    do throws(JournalError) {
      found = try JournalCursors(at: journal).cursor(name)
      if let found {
        let reader = try JournalReader.open(at: journal)
        state = try CursorStanding.state(of: found.cursor, reader, reader.durable())
      }
    } catch {
      throw TreelineError(error, journal: journal)
    }
    if let state, let trouble = state.trouble {
      throw TreelineError(
        "go on from the cursor \(name) of", path: journal, why: trouble,
        advice: "drop it with `treeline journal drop-cursor` and begin anew", exitCode: .damaged)
    }
    label = found?.label ?? []
    from = found?.cursor.sequence ?? .zero
  }

  /// Says that the consumer has all up to a commit.
  ///
  /// - Precondition: it is durable there.
  public func advance(to cursor: Cursor) throws(TreelineError) {
    do throws(JournalError) {
      try JournalCursors(at: journal).move(
        JournalCursor(name: name, cursor: cursor, moved: .now(), label: label))
    } catch {
      throw TreelineError(error, journal: journal)
    }
  }
}
