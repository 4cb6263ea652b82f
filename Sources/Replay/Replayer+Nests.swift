import LinuxSystem
import SystemPackage
import Tree

/// What lies in a new directory is made there, not in the park: a whole new tree is published by the one
/// rename of its top, and no directory grows by all that a batch brings.
extension Replayer {
  /// From so many new objects on; fewer are synced one by one, which needs them in one place.
  static var nestedMin: Int { syncEachMax + 1 }

  /// A directory in which something is made, open until the next call.
  func stagingDirectory(
    _ nest: Staging.Nest, _ staging: Staging, on bench: StagingBench
  ) throws(Errno) -> Int32 {
    let id = nest.link.parent
    if let open = bench.places.find(id) { return open }
    guard let destination else { throw .noSuchFileOrDirectory }
    return bench.places.keep(
      try AnchoredPath.openDirectory(
        beneath: destination.park.raw, staging.names(ofDirectory: id)), id)
  }

  /// Opens a file that was made.
  func openStaged(
    _ id: ObjectID, _ staging: Staging, _ destination: Destination
  ) throws(Errno) -> Descriptor {
    var place = destination.place(ofStaged: id)
    var link = Link.staged(id)
    if let nest = staging.made[id]?.nest {
      place = try stagingDirectory(nest, staging, on: bench)
      link = nest.link
    }
    return try withCString(link.name.bytes) { name throws(Errno) in
      try Descriptor.open(name, in: place, .content)
    }
  }

  /// Removes a file that was made and must not be published.
  func discard(_ id: ObjectID, _ staging: inout Staging, _ destination: Destination) {
    if let nest = staging.made[id]?.nest {
      if let place = try? stagingDirectory(nest, staging, on: bench) {
        Destination.removeStaged(nest.link.name.bytes, in: place)
      }
    } else {
      destination.removeStaged(id)
    }
    staging.made[id] = nil
    owed[id]?.copied = nil
  }

  /// Notes that a new directory has its name, and so has all that was made in it.
  func publishNested(in top: ObjectID, _ staging: inout Staging) {
    for id in staging.nested.removeValue(forKey: top) ?? [] {
      guard let made = staging.made.removeValue(forKey: id), let nest = made.nest else { continue }
      tree.add(nest.link, to: id, isDirectory: made.isDirectory)
      objectsMade += 1
      options.onStep?(ReplayStep(operation: .make, path: path(of: id)))
      published(id)
    }
  }

  /// Closes the directories in which objects were made.
  func closeStagingDirectories() {
    bench.places.removeAll()
    assistant?.places.removeAll()
  }
}
