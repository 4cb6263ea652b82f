import Journal
import SystemPackage

/// Why a replay cannot go on; one object's trouble is a `ReplayException` instead.
package enum ReplayError: Error {
  /// The journal cannot be read.
  case journal(JournalError)
  /// The destination's own log cannot be read or written.
  case history(JournalError)
  /// A call on the destination failed in a way that concerns all of it: it is full, read-only, away.
  case destination(Errno, what: String)
  /// The destination is not there.
  case unavailable(Errno)
  /// Where a destination was is another or an empty directory: its disk is not mounted.
  case missing
  /// It is no destination of ours.
  case notOurs
  /// The destination is not empty and not ours, and `adopt` was not asked for.
  case notEmpty
  /// The destination belongs to another journal, and `adopt` was not asked for.
  case otherJournal
  /// The destination's own directory is not safe to trust; the text says why.
  case untrusted(String)
  /// The destination takes names for one that the source tells apart; the text says which.
  case foldsNames(String)
  /// Another process holds the destination.
  case locked(pid: Int32)
  /// Source, destination and journal must not lie in one another; the text says which do.
  case placement(String)
  /// The journal says what no tree can be.
  case invalidJournal(String)
  /// A test stopped the replay as a kill would have.
  case interrupted

  /// Whether there is no room at the destination.
  var saysFull: Bool {
    switch self {
    case .destination(let errno, _), .history(.io(let errno, _, _)):
      errno.saysFull
    default: false
    }
  }
}
