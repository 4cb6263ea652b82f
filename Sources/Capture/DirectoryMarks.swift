import Fanotify
import LinuxSystem
import SystemPackage

/// The marks of single directories, where no mark covers the whole source.
///
/// A directory is marked whenever it is about to be listed: what happened in it before is in the list,
/// what happens later is reported. To mark it again changes nothing. A mark lasts as long as its
/// directory, which it keeps in the kernel's memory; one that goes with the memory (an evictable mark)
/// would lose reports without a word.
package final class DirectoryMarks: Sendable {
  /// What is reported of a directory and of all that is directly in it. Data is among it: a mount mark
  /// alone is not told of truncate(2), of times that are set, and of what is done through other mounts.
  static let events: EventMask = [
    .create, .delete, .rename, .modify, .attributes, .closeWrite, .onDirectory, .onChild,
  ]

  private let drain: Drain
  private let firstFailure = Guarded<Errno?>(nil)
  /// The keys of the directories by the handles that they are reported with; nil where those are the keys.
  /// A handle lasts as long as the mark, which holds what it names in memory.
  private let reported: Guarded<[ObjectKey: ObjectKey]>?

  /// - Parameter translates: the keys of objects are not their handles.
  package init(_ drain: Drain, translates: Bool) {
    self.drain = drain
    reported = translates ? Guarded([:]) : nil
  }

  /// Why some directory could not be marked: then what happens in it is not known. `ENOSPC` at the
  /// limit of marks.
  package var failure: Errno? { firstFailure.with { $0 } }

  /// The key of the directory that is reported with a handle; nil when it is not known.
  func key(reported handle: ObjectKey) -> ObjectKey? {
    guard let reported else { return handle }
    return reported.with { $0[handle] }
  }

  /// Has what happens in an open directory be reported from now on.
  ///
  /// - Throws: `ESTALE` when it is gone. FUSE asks its server even about a directory that is open.
  package func mark(_ directory: Int32, _ key: ObjectKey) throws(Errno) {
    if let reported, let handle = try? ObjectKey.reported(directory) {
      reported.with { $0[handle] = key }
    }
    do throws(FanotifyError) {
      try drain.watch(.inode, for: Self.events, at: directory)
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .staleNFSFileHandle {
        throw .staleNFSFileHandle
      }
      firstFailure.change { if $0 == nil { $0 = error.errno } }
    }
  }

  /// Forgets how a directory was reported that is not part of the source any more.
  func forget(_ key: ObjectKey) {
    reported?.with { reported in
      for (handle, known) in reported where known == key { reported[handle] = nil }
    }
  }

  /// Ends the reports of an open directory.
  func unmark(_ directory: Int32) {
    // Without a mark there is nothing to end.
    try? drain.remove(.inode, for: Self.events, at: directory)
  }
}
