import LinuxSystem
import SystemPackage
import Tree

/// What a dry run finds at a destination, at which it only looks.
extension Replayer {
  /// Whether a copy whose content is only in doubt seems to be right: by its size and time, where a run compares
  /// the bytes.
  func seemsThere(_ id: ObjectID) -> Bool {
    guard lookedAt != nil, let object = owed[id], object.work.contains(.content),
      object.work.isDisjoint(with: [.make, .unsettled]), object.problem == nil,
      let status = lookAtCopy(of: id)
    else { return false }
    return status.kind == .regular && status.sizeBytes == object.attributes.sizeBytes
      && status.modified == object.attributes.modified
  }

  private func lookAtCopy(of id: ObjectID) -> FileStatus? {
    guard let link = tree.link(of: id) else { return nil }
    var names = path(of: link).split(separator: UInt8(ascii: "/")).map { Array($0) }
    guard let name = names.popLast(),
      let root = lookedAt?.raw,
      let directory = try? AnchoredPath.openDirectory(beneath: root, names)
    else { return nil }
    let above = directory
    return withCString(name) { try? FileStatus.of($0, in: above.raw) }
  }
}
