import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The named consumers of a journal, each with a file of its own in it.
///
/// They only hold what retention would drop: how far a consumer really is, it says itself. Whoever
/// consumes moves its cursor after its work is durable, so a cursor may be behind, and never ahead.
public struct JournalCursors: Sendable {
  /// More consumers than a journal ever has; one with more is refused.
  private static let countMax = 1_000

  private let directory: JournalDirectory

  /// - Throws: `notAJournal` when there is nothing.
  public init(at journal: [UInt8]) throws(JournalError) {
    self.init(try JournalDirectory(path: journal))
  }

  init(_ directory: JournalDirectory) { self.directory = directory }

  /// All that can be read, by name, and what is wrong with the others.
  public func all() throws(JournalError) -> (cursors: [JournalCursor], damaged: [Finding]) {
    let names = try directory.names(ending: JournalDirectory.cursorEnding, limit: Self.countMax)
    var cursors: [JournalCursor] = []
    var damaged: [Finding] = []
    for name in names where JournalCursor.isName(name) {
      do throws(JournalError) {
        if let cursor = try cursor(name) { cursors.append(cursor) }
      } catch {
        guard case .damaged(let finding) = error else { throw error }
        damaged.append(finding)
      }
    }
    return (cursors, damaged)
  }

  /// - Returns: nil when there is none of that name.
  /// - Throws: `damaged` when its file is not as it was written.
  public func cursor(_ name: String) throws(JournalError) -> JournalCursor? {
    guard JournalCursor.isName(name) else { return nil }
    let file = Self.file(name)
    func damaged(_ what: String) -> JournalError {
      .damaged(Finding(file: file, offset: 0, sequence: nil, what: what))
    }
    let bytes: [UInt8]?
    do throws(JournalError) {
      bytes = try directory.read(file, limit: JournalCursor.fileBytesMax)
    } catch .io(.fileTooLarge, _, _) {
      throw damaged("it is no cursor")
    }
    guard let bytes else { return nil }
    do throws(ByteReader.Malformed) { return try JournalCursor.decode(bytes, name: name) } catch {
      throw damaged(error.what)
    }
  }

  /// Registers a consumer, or replaces what was kept of it: durable, and in one step.
  ///
  /// - Precondition: what it consumed up to there is durable; `isName(cursor.name)`.
  public func move(_ cursor: JournalCursor) throws(JournalError) {
    precondition(JournalCursor.isName(cursor.name), "the name of a cursor was checked before")
    try directory.replace(Self.file(cursor.name), with: cursor.encoded())
  }

  /// Forgets a consumer: nothing is held for it any more.
  ///
  /// - Returns: false when there is none of that name.
  public func drop(_ name: String) throws(JournalError) -> Bool {
    guard JournalCursor.isName(name) else { return false }
    do throws(Errno) {
      try Names.removeFile(Self.file(name), in: directory.descriptor.raw)
    } catch .noSuchFileOrDirectory {
      return false
    } catch {
      throw .io(error, doing: "remove", file: Self.file(name))
    }
    try directory.sync()
    return true
  }

  static func file(_ name: String) -> String { name + JournalDirectory.cursorEnding }
}
