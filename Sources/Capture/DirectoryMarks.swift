import Fanotify
import LinuxSystem
import SystemPackage

/// The marks of single directories, where no mark covers the whole source.
///
/// A directory is marked whenever it is about to be listed: what happened in it before is in the list,
/// what happens later is reported. To mark it again changes nothing. A mark lasts as long as its
/// directory, which it keeps in the kernel's memory; one that goes with the memory (an evictable mark)
/// would lose reports without a word.
final class DirectoryMarks: Sendable {
  /// What is reported of a directory and of all that is directly in it. Data is among it: a mount mark
  /// alone is not told of truncate(2), of times that are set, and of what is done through other mounts.
  static let events: EventMask = [
    .create, .delete, .rename, .modify, .attributes, .closeWrite, .onDirectory, .onChild,
  ]

  private let drain: Drain
  private let firstFailure = Guarded<Errno?>(nil)

  init(_ drain: Drain) { self.drain = drain }

  /// Why some directory could not be marked: then what happens in it is not known. `ENOSPC` at the
  /// limit of marks.
  var failure: Errno? { firstFailure.with { $0 } }

  /// Has what happens in an open directory be reported from now on.
  func mark(_ directory: Int32) {
    do throws(FanotifyError) {
      try drain.watch(.inode, for: Self.events, at: directory)
    } catch {
      firstFailure.change { if $0 == nil { $0 = error.errno } }
    }
  }

  /// Ends the reports of an open directory.
  func unmark(_ directory: Int32) {
    // Without a mark there is nothing to end.
    try? drain.remove(.inode, for: Self.events, at: directory)
  }
}
