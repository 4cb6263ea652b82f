import LinuxSystem
import SystemPackage
import Tree

/// What the new content of a large file begins as, where the destination lets files share blocks: the copy that
/// is there. It is only read, and stays whole; as a version it goes on sharing what did not change.
extension Replayer {
  func isLarge(_ object: OwedObject) -> Bool {
    object.attributes.sizeBytes >= UInt64(ContentCopier.patchBytesMin)
  }

  /// Opens the copy of an object at the destination or, for a new one, what has its name there: a program that
  /// saves a file safely writes a new one and renames it over the old.
  ///
  /// Any regular file would do, because what is made of it is compared with the source before it gets a name. No
  /// descriptors that are kept open are used: two threads come here at once.
  func openBasis(_ id: ObjectID, _ object: OwedObject) -> Descriptor? {
    guard let destination, isLarge(object), destination.sharesBlocks else { return nil }
    // What rotted lies where the disk is bad: nothing of it is shared.
    if object.work.contains(.suspect) { return nil }
    let own = tree.links(of: id)
    for link in own.isEmpty ? object.links : own {
      guard let directory = try? destination.openDirectory(link.parent, in: tree),
        let file = try? openBasis(link, in: directory.raw)
      else { continue }
      return file
    }
    return nil
  }

  private func openBasis(_ link: Link, in directory: Int32) throws(Errno) -> Descriptor {
    try withCString(Destination.name(link)) { name throws(Errno) in
      let status = try FileStatus.of(name, in: directory)
      guard status.kind == .regular, status.sizeBytes >= UInt64(ContentCopier.patchBytesMin) else {
        throw .invalidArgument
      }
      return try Descriptor.open(beneath: directory, path: name, .content)
    }
  }

  /// Whether finding out that a file has not changed is left to the making of it, which reads both sides once
  /// and writes what differs.
  func isFoundByMaking(_ status: FileStatus, _ destination: Destination) -> Bool {
    status.sizeBytes >= UInt64(ContentCopier.patchBytesMin) && destination.sharesBlocks
      && bench.source?.device != status.device
  }

  /// Takes the copy that is there for what was made, where both are the same; the attributes are still to be set.
  func keepsPresent(_ id: ObjectID, _ made: Stager.Made) -> Bool {
    guard let equal = made.equal, let destination, let object = owed[id], object.work.contains(.content),
      object.work.isDisjoint(with: [.make, .unsettled]), object.problem == nil
    else { return false }
    let links = tree.links(of: id)
    // A kill may have left some of its names with the old content and some with the new.
    guard !links.isEmpty, links.allSatisfy({ find($0, destination).map(DestinationInode.init) == equal }) else {
      return false
    }
    destination.removeStaged(id)
    owed[id]!.work.remove(.content)
    owed[id]!.work.insert(.attributes)
    return true
  }
}
