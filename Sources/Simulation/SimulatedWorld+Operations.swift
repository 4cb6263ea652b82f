import Fanotify
import LinuxSystem
import Tree

/// What each operation does to the filesystem, and which events Linux makes of it.
extension SimulatedWorld {
  /// A name that an operation is about.
  struct Place {
    var directory: Int32
    var name: UInt8
    var inode: Int32
  }

  func apply(_ operation: Operation, _ process: Int32) {
    let (a, b, c, d) = (
      Int(operation.a), Int(operation.b), Int(operation.c), Int(operation.d)
    )
    switch operation.kind {
    case .makeDirectory: makeNamed(.directory, a, b, c, process)
    case .makeFile: makeFile(a, b, c, d, process)
    case .makeNode: makeNamed(d & 1 == 0 ? .fifo : .characterDevice, a, b, c, process)
    case .makeSymbolicLink: makeNamed(.symbolicLink, a, b, c, process)
    case .makeUnnamed: makeUnnamed(a, process)
    case .link: link(a, b, c, d, process)
    case .unlink: if let place = place(a, b) { unlink(place, process) }
    case .removeDirectory: if let place = place(a, b) { removeDirectory(place, process) }
    case .removeTree: if let place = place(a, b) { removeTree(place, process) }
    case .rename:
      if let place = place(a, b), let to = directory(c) { rename(place, to, name(d), process) }
    case .moveOut:
      if let place = place(a, b) {
        let to = c & 3 == 0 ? directory(c) : SimulatedFilesystem.outside
        if let to { rename(place, to, name(d), process) }
      }
    case .moveIn:
      let from = filesystem[SimulatedFilesystem.outside].entries
      if !from.isEmpty, let to = directory(c) {
        let entry = from[b % from.count]
        let place = Place(
          directory: SimulatedFilesystem.outside, name: entry.name, inode: entry.inode)
        rename(place, to, name(d), process)
      }
    case .exchange: exchange(a, b, c, d, process)
    case .whiteout: whiteout(a, b, c, d, process)
    case .cloneTree: cloneTree(a, b, c, d, process)
    case .open: open(a, b, isMapped: false, process)
    case .map: open(a, b, isMapped: true, process)
    case .write: write(a, b, c, d, process)
    case .truncate: truncate(a, b, c, process)
    case .store: store(a)
    case .close: if !files.isEmpty { close(a % files.count, withEvents: true) }
    case .rewrite: rewrite(a, b, process)
    case .setMode, .setOwner, .setAttribute, .setModified, .setTimes, .setAccessed:
      setAttributes(operation.kind, a, b, c, d, process)
    case .quiesce, .stop, .kill, .powerCut, .takeSnapshot, .rollBack:
      preconditionFailure("what happens to the recording is not done here")
    }
  }

  // MARK: Choosing

  func name(_ number: Int) -> UInt8 { UInt8(number % settings.nameCount) }

  /// A directory that has a name, in the source or outside.
  func directory(_ number: Int) -> Int32? {
    let inodes = filesystem.inodes
    var at = number % inodes.count
    for _ in inodes.indices {
      if at >= 2, inodes[at].kind == .directory, inodes[at].nameCount > 0 { return Int32(at) }
      at = at + 1 == inodes.count ? 0 : at + 1
    }
    return nil
  }

  /// A name in some directory that is not empty.
  func place(_ number: Int, _ entry: Int) -> Place? {
    let inodes = filesystem.inodes
    var at = number % inodes.count
    for _ in inodes.indices {
      if at >= 2, inodes[at].nameCount > 0, !inodes[at].entries.isEmpty {
        let found = inodes[at].entries[entry % inodes[at].entries.count]
        return Place(directory: Int32(at), name: found.name, inode: found.inode)
      }
      at = at + 1 == inodes.count ? 0 : at + 1
    }
    return nil
  }

  /// A name of a regular file.
  func filePlace(_ number: Int, _ entry: Int) -> Place? {
    for offset in 0..<4 {
      if let place = place(number + offset, entry + offset),
        filesystem[place.inode].kind == .regular
      {
        return place
      }
    }
    return nil
  }

  // MARK: Events

  func handle(_ inode: Int32) -> SimulatedFilesystem.Handle { filesystem.handle(inode) }

  /// Of something that happened to a name.
  func tell(_ mask: EventMask, _ place: Place, _ process: Int32) {
    var mask = mask
    if filesystem[place.inode].isDirectory { mask.insert(.onDirectory) }
    emit(
      SimulatedEvent(
        mask: mask, process: process, directory: handle(place.directory), name: place.name,
        object: handle(place.inode)))
  }

  /// Of something that happened to an object, whose name is told where it is known.
  func tellObject(_ mask: EventMask, _ place: Place, _ process: Int32) {
    if filesystem[place.inode].isDirectory {
      tellDirectory(mask, place.inode, process)
    } else {
      tell(mask, place, process)
    }
    filesystem[place.inode].isAccessed = false
  }

  func tellDirectory(_ mask: EventMask, _ directory: Int32, _ process: Int32) {
    emit(
      SimulatedEvent(
        mask: mask.union(.onDirectory), process: process, directory: handle(directory),
        name: SimulatedNames.dot))
    filesystem[directory].isAccessed = false
  }

  /// The number of an object's names changed.
  func tellLinks(_ inode: Int32, _ process: Int32) {
    emit(SimulatedEvent(mask: .attributes, process: process, object: handle(inode)))
    filesystem[inode].isAccessed = false
  }
}
