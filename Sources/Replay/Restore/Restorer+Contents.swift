import LinuxSystem
import SystemPackage
import Tree

/// Where contents are found, also while a backup goes on.
extension Restorer {
  /// Opens what holds the content that an object had.
  ///
  /// - Throws: `ENOENT` when it is not where it was looked for.
  func content(of id: ObjectID, _ object: PastTree.Object) throws(Errno) -> Descriptor {
    let opened =
      if let place = versions[id] {
        try past.openVersion(id, place)
      } else {
        try places.openFile(id, beneath: past.root.raw)
      }
    let status = try FileStatus.of(opened.raw)
    guard status.kind == .regular,
      status.sizeBytes == object.attributes.sizeBytes || unsettled.contains(id)
    else { throw .noSuchFileOrDirectory }
    return opened
  }

  /// Looks again for what was not found, and makes anew what a backup that went on meanwhile had replaced
  /// when it was copied: that was among the versions before its name was taken.
  func keepUp() throws(Errno) {
    for _ in 0..<Self.passesMax {
      let known = versions
      do throws(ReplayError) {
        versions = try past.versions(after: point)
        if !missing.isEmpty { places = try past.places() }
      } catch {
        break  // what was found so far stands; the rest is told of below
      }
      let replaced = Set(versions.keys.filter { known[$0] == nil })
      if replaced.isEmpty, missing.isEmpty { return }
      try makeAgain(replaced)
      let entries = missing
      missing = []
      for entry in entries {
        let opened = try open(entry.directory)
        try make(entry, in: opened.raw, RestoreSelection([]))
      }
    }
    for entry in missing {
      onTrouble(Trouble(path: path(entry.directory, entry.name), reason: .missing))
    }
  }

  private func makeAgain(_ replaced: Set<ObjectID>) throws(Errno) {
    if replaced.isEmpty { return }
    for index in directories.indices {
      for (name, id) in children[directories[index].id] ?? []
      where replaced.contains(id) && directories[index].selection.of(name) != nil {
        guard let object = tree.objects[id], object.attributes.kind == .regular else { continue }
        let directory = try open(index)
        try withCString(name.bytes) { text throws(Errno) in
          guard (try? FileStatus.of(text, in: directory.raw)) != nil else { return }
          let source = try content(of: id, object)
          // Its own mode may keep us from writing to it.
          let closed = try Descriptor.open(text, in: directory.raw, .look)
          try AttributeCalls.setMode(closed.raw, 0o600)
          let made = try Descriptor.open(text, in: directory.raw, .update)
          try FileBytes.setSize(made.raw, bytes: 0)
          try copy(source.raw, to: made.raw)
          try finish(made.raw, id, object, index, name)
        }
      }
    }
  }
}
