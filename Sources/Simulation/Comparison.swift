import LinuxSystem
import Tree

/// Compares what is in the source with what the mirror and the destination have of it.
struct Comparison {
  let filesystem: SimulatedFilesystem
  let mirror: Mirror
  let excluded: ObjectKey?
  /// Objects whose time of change moved without an event are compared without it.
  var isAtRest = true

  /// The first difference between the source and the mirror; nil when there is none.
  func difference() -> String? {
    var waiting: [(Int32, Mirror.Node)] = [(SimulatedFilesystem.source, mirror.root)]
    var seen: Set<Int32> = [SimulatedFilesystem.source]
    if let what = difference(SimulatedFilesystem.source, mirror.root) { return "the root: \(what)" }
    while let (directory, node) = waiting.popLast() {
      var count = 0
      for entry in filesystem[directory].entries {
        if filesystem.key(entry.inode) == excluded { continue }
        count += 1
        let name = SimulatedNames.all[Int(entry.name)]
        guard let link = name.withUnsafeBytes({ mirror.link(in: node, named: $0) }) else {
          return "\(path(directory, entry.name)) is missing in the mirror"
        }
        guard mirror.key(link.node) == filesystem.key(entry.inode) else {
          return "\(path(directory, entry.name)) is another object in the mirror"
        }
        guard seen.insert(entry.inode).inserted else { continue }
        if let what = difference(entry.inode, link.node) {
          return "\(path(directory, entry.name)): \(what)"
        }
        if filesystem[entry.inode].isDirectory { waiting.append((entry.inode, link.node)) }
      }
      var mirrored = 0
      mirror.forEachChild(of: node) { _ in mirrored += 1 }
      if mirrored != count {
        return "\(path(directory, nil)) has \(count) names, and \(mirrored) in the mirror"
      }
    }
    if mirror.nodeCount != seen.count {
      return "\(seen.count) objects, and \(mirror.nodeCount) in the mirror"
    }
    return nil
  }

  private func difference(_ inode: Int32, _ node: Mirror.Node) -> String? {
    let object = filesystem[inode]
    if object.isSilent, !isAtRest { return nil }
    let known = mirror.attributes(node)
    if known != object.status { return "\(object.status), in the mirror \(known)" }
    let changed = Timestamp(nanosecondsSince1970: object.changed)
    if !object.isAccessed, mirror.changedTime(node) != changed {
      return "changed \(changed), in the mirror \(mirror.changedTime(node))"
    }
    if mirror.encodedAttributes(node) != SimulatedNames.attributes[Int(object.attributes)] {
      return "extended attributes"
    }
    if object.kind == .symbolicLink,
      mirror.target(node) != SimulatedNames.targets[Int(object.target)]
    {
      return "target"
    }
    return nil
  }

  /// The first difference between the source and a destination, found through the mirror's numbers;
  /// the mirror is known to be equal.
  func difference(_ destination: SimulatedDestination) -> String? {
    if destination.parkCount > 0 { return "\(destination.parkCount) names are left in the park" }
    var waiting: [(Int32, Mirror.Node)] = [(SimulatedFilesystem.source, mirror.root)]
    var nameCount = 0
    if let what = difference(SimulatedFilesystem.source, destination.inodes[0]) {
      return "the root: \(what)"
    }
    while let (directory, node) = waiting.popLast() {
      for entry in filesystem[directory].entries
      where filesystem.key(entry.inode) != excluded {
        nameCount += 1
        let name = SimulatedNames.all[Int(entry.name)]
        let child = name.withUnsafeBytes { mirror.link(in: node, named: $0)!.node }
        guard let number = destination.names[Link(mirror.id(node), Name(name))] else {
          return "\(path(directory, entry.name)) is missing at the destination"
        }
        let found = destination.inodes[number]
        guard found.id == mirror.id(child) else {
          return "\(path(directory, entry.name)) is another object at the destination"
        }
        if let what = difference(entry.inode, found) {
          return "\(path(directory, entry.name)): \(what)"
        }
        if mirror.isDirectory(child) {
          waiting.append((entry.inode, child))
        } else if found.nameCount != mirror.linkCount(of: child) {
          return "\(path(directory, entry.name)): \(mirror.linkCount(of: child)) names, "
            + "\(found.nameCount) at the destination"
        }
      }
    }
    if destination.names.count != nameCount {
      return "\(nameCount) names, and \(destination.names.count) at the destination"
    }
    return nil
  }

  private func difference(_ inode: Int32, _ found: SimulatedDestination.Inode) -> String? {
    let object = filesystem[inode]
    if found.attributes != object.status {
      return "\(object.status), at the destination \(found.attributes)"
    }
    if object.kind == .regular, found.content != object.content {
      return "content \(object.content), at the destination \(found.content)"
    }
    if found.extendedAttributes != SimulatedNames.attributes[Int(object.attributes)] {
      return "extended attributes at the destination"
    }
    if object.kind == .symbolicLink, found.target != SimulatedNames.targets[Int(object.target)] {
      return "target at the destination"
    }
    return nil
  }

  private func path(_ directory: Int32, _ name: UInt8?) -> String {
    var path = name.map { String(decoding: SimulatedNames.all[Int($0)].prefix(12), as: UTF8.self) }
      ?? "."
    var at = directory
    while at != SimulatedFilesystem.source, at != SimulatedFilesystem.top, at != 0 {
      path = "#\(at)/\(path)"
      at = filesystem[at].parent
    }
    return path
  }
}
