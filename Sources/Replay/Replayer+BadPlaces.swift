import LinuxSystem
import SystemPackage
import Tree

/// A disk with a bad place costs the objects that were to lie there, and not the rest.
extension Replayer {
  /// Makes all that was staged durable; what the disk does not take is found file by file.
  ///
  /// The kernel tells of an error when a file is synced for the first time after it, also to who
  /// opened the file later, and has forgotten the data by then: so what failed is never synced again,
  /// it is made anew.
  func syncAll(_ staging: inout Staging, _ destination: Destination) throws(Errno) {
    do throws(Errno) {
      try FileBytes.syncFilesystem(destination.root.raw)
    } catch .ioError {
      var rest = staging.files[...]
      while !rest.isEmpty {
        // Each is open while it is synced: no more than a process may have open.
        let part = rest.prefix(Self.syncEachMax)
        rest = rest.dropFirst(part.count)
        let unwritten = try syncFiles(Array(part), staging, destination)
        try discardUnwritten(unwritten, &staging, destination)
      }
      // The names and directories as well.
      try syncPastError(destination)
    }
  }

  /// Makes durable all but files that are known to have failed. The filesystem's journal notes their
  /// error once more when it has waited for them, so the first sync may tell of nothing new; if the
  /// second one fails, it is the disk as a whole.
  private func syncPastError(_ destination: Destination) throws(Errno) {
    do throws(Errno) {
      try FileBytes.syncFilesystem(destination.root.raw)
    } catch .ioError {
      try FileBytes.syncFilesystem(destination.root.raw)
    }
  }

  /// Lets go of files that the disk did not take: they are tried again later, in another place.
  func discardUnwritten(
    _ ids: [ObjectID], _ staging: inout Staging, _ destination: Destination
  ) throws(Errno) {
    if ids.isEmpty { return }
    for id in ids {
      discard(id, &staging, destination)
      owed[id]?.problem = .failed(.ioError)
    }
    staging.files.removeAll { staging.made[$0] == nil }
    try syncPastError(destination)
  }
}
