import LinuxSystem
import SystemPackage
import Tree

/// Where the objects of a destination are now, whatever an interrupted plan has moved.
struct PastPlaces {
  var tree = PastTree(namesOnly: true)
  /// What was not as the last state that was finished says.
  var exceptions: [AppliedRecord.Entry] = []
  /// What plans that were begun since were to touch.
  var begun: [IntentRecord.Entry] = []
  /// The latter by number.
  private var entries: [ObjectID: IntentRecord.Entry] = [:]

  /// Ends the reading.
  mutating func settle() {
    for entry in exceptions { tree.place(entry.id, at: entry.current, isDirectory: entry.isDirectory) }
    for entry in begun { entries[entry.id] = entry }
  }

  /// Every place where an object may be, the likeliest first.
  func links(of id: ObjectID) -> [Link] {
    let known = tree.names.links(of: id)
    guard let entry = entries[id] else { return known }
    return known
      + (entry.current + entry.final + [.parked(id)]).filter { !known.contains($0) }
  }

  /// Whether what was found at one of its places is the object; names pass from one to another.
  private func isIt(_ id: ObjectID, _ found: Int32) -> Bool {
    guard let entry = entries[id] else { return true }
    // What was staged to become a file is its next content; a directory has but one.
    let known = entry.isDirectory ? [entry.present, entry.staged] : [entry.present]
    guard known.contains(where: { $0 != nil }) else { return true }
    guard let status = try? FileStatus.of(found) else { return false }
    return known.contains(DestinationInode(status))
  }

  /// Opens a file where it is.
  func openFile(_ id: ObjectID, beneath root: Int32) throws(Errno) -> Descriptor {
    for link in links(of: id) {
      guard let directory = try? openDirectory(link.parent, beneath: root, []) else {
        continue
      }
      do throws(Errno) {
        let found = try withCString(Destination.name(link)) { name throws(Errno) in
          try Descriptor.open(name, in: directory.raw, .content)
        }
        if isIt(id, found.raw) { return found }
      } catch {}
    }
    throw .noSuchFileOrDirectory
  }

  /// - Parameter below: what was on the way here; one of two places of a directory may lie in itself.
  private func openDirectory(
    _ id: ObjectID, beneath root: Int32, _ below: Set<ObjectID>
  ) throws(Errno) -> Descriptor {
    if id == .root { return try Descriptor.open(".", in: root, .walk) }
    if id == .park {
      return try AnchoredPath.openDirectory(
        beneath: root, [Array(".treeline".utf8), Array("park".utf8)])
    }
    if entries.isEmpty {
      guard let names = names(to: id) else { throw .noSuchFileOrDirectory }
      return try AnchoredPath.openDirectory(beneath: root, names)
    }
    // Each of those above may be where it was, where it is to be, or in the park.
    for link in links(of: id) where !below.contains(link.parent) {
      do throws(Errno) {
        let above = try openDirectory(link.parent, beneath: root, below.union([id]))
        let found = try withCString(Destination.name(link)) { name throws(Errno) in
          try Descriptor.open(name, in: above.raw, .walk)
        }
        if isIt(id, found.raw) { return found }
      } catch {}
    }
    throw .noSuchFileOrDirectory
  }

  private func names(to id: ObjectID) -> [[UInt8]]? {
    var names: [[UInt8]] = []
    var at = id
    while at != .root {
      guard let link = tree.names.link(of: at), names.count < Replayer.depthMax else { return nil }
      if link.parent == .park {
        names.append(contentsOf: [link.name.bytes, Array("park".utf8), Array(".treeline".utf8)])
        return names.reversed()
      }
      names.append(Destination.name(link))
      at = link.parent
    }
    return names.reversed()
  }
}
