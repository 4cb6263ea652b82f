import Journal
import LinuxSystem
import SystemPackage
import Tree

/// When what a plan does is made durable.
extension Replayer {
  /// From this many files on, one sync of the filesystem is cheaper than one for each.
  static var syncEachMax: Int { 15 }

  /// Holds the first verb back until the commit that asks for it is durable: until then the park may
  /// fill, and nothing that has a name changes.
  func waitUntilDurable(_ cursor: Cursor?) throws(ReplayError) {
    guard let cursor, let wait = options.waitUntilDurable else { return }
    if !wait(cursor.sequence) { throw .journal(.failedBefore) }
  }

  /// Makes what was staged durable together with the intent, before anything gets a name.
  func publishSyncs(
    _ staging: inout Staging, _ hasIntent: Bool
  ) throws(ReplayError) {
    guard options.sync == .commit, let destination else { return }
    var failure: ReplayError? = nil
    do throws(Errno) {
      if staging.files.count > Self.syncEachMax || !staging.nested.isEmpty {
        try syncAll(&staging, destination)
      } else if !staging.files.isEmpty {
        let unwritten = try syncFiles(staging.files, staging, destination) {
          do throws(ReplayError) { if hasIntent { try self.history?.sync() } } catch { failure = error }
        }
        try discardUnwritten(unwritten, &staging, destination)
      }
    } catch {
      throw .destination(error, what: "sync")
    }
    if let failure { throw failure }
    if hasIntent { try history?.sync() }
  }

  /// Makes a few staged files durable. All of them and the intent are on their way before the first is
  /// waited for, so that one transaction takes them all: half the time for a single file.
  ///
  /// - Parameter other: what else is synced, beside the files.
  /// - Returns: those that the disk did not take.
  func syncFiles(
    _ files: [ObjectID], _ staging: Staging, _ destination: Destination,
    beside other: (() -> Void)? = nil
  ) throws(Errno) -> [ObjectID] {
    var open: [Int32] = []
    defer { for file in open { _ = Descriptor(owning: file) } }
    for id in files {
      do throws(Errno) {
        let file = try openStaged(id, staging, destination)
        open.append(file.release())
      } catch {
        guard error == .permissionDenied || error == .notPermitted else { throw error }
        // Its owner may not read it, or is another, and we have no privilege.
        try FileBytes.syncFilesystem(destination.root.raw)
        return []
      }
    }
    for file in open { FileBytes.startWriting(file) }
    history?.startWriting()
    guard let other else { return try Self.sync(files, open) }
    // One after the other, the second would have the disk flushed once more.
    let outcome = Guarded<Result<[ObjectID], Errno>>(.success([]))
    let second = syncThread ?? SideThread("treeline-sync")
    syncThread = second
    second.begin { [open] in
      do throws(Errno) {
        let unwritten = try Self.sync(files, open)
        outcome.with { $0 = .success(unwritten) }
      } catch {
        outcome.with { $0 = .failure(error) }
      }
    }
    other()
    second.wait()
    return try outcome.with { $0 }.get()
  }

  private static func sync(_ files: [ObjectID], _ open: [Int32]) throws(Errno) -> [ObjectID] {
    var unwritten: [ObjectID] = []
    for (id, file) in zip(files, open) {
      do throws(Errno) { try FileBytes.syncContent(file) } catch .ioError { unwritten.append(id) }
    }
    return unwritten
  }

  /// Makes the names and attributes durable.
  func syncPlaced(_ run: VerbRun) throws(ReplayError) {
    guard let destination, !run.touched.isEmpty else { return }
    do {
      // One sync of a directory takes a transaction; from a few on the filesystem's is cheaper.
      if run.touched.count <= 3, !run.touchedObjects {
        // First: what was replaced has another durable name before the one that it had is durably another's.
        try destination.versions?.sync()
        for id in run.touched where tree.contains(id) || id == .park {
          let directory = try destination.directory(id, in: tree)
          let listing = try Descriptor.open(".", in: directory, .list)
          try FileBytes.sync(listing.raw)
        }
      } else {
        try FileBytes.syncFilesystem(destination.root.raw)
        destination.versions?.wasSynced()
      }
    } catch {
      throw .destination(error, what: "sync")
    }
  }
}
