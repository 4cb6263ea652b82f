import Fanotify
import LinuxSystem
import Tree

/// Operations that make and change names.
extension SimulatedWorld {
  // MARK: Making

  func makeNamed(
    _ kind: FileKind, _ a: Int, _ b: Int, _ c: Int, _ process: Int32
  ) {
    guard let directory = directory(a), filesystem.find(name(b), in: directory) == nil,
      let inode = make(kind)
    else { return }
    filesystem[inode].permissions = kind == .symbolicLink ? 0o777 : 0o600 + UInt32(c & 0o77)
    if kind == .symbolicLink {
      filesystem[inode].target = UInt8(c % SimulatedNames.targets.count)
      filesystem[inode].sizeBytes = UInt64(
        SimulatedNames.targets[c % SimulatedNames.targets.count].count)
    }
    if kind == .characterDevice { filesystem[inode].device = UInt64(c & 3) }
    filesystem.add(inode, to: directory, name(b))
    changeNames(of: directory)
    tell(.create, Place(directory: directory, name: name(b), inode: inode), process)
  }

  func makeFile(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ process: Int32) {
    guard let directory = directory(a), filesystem.find(name(b), in: directory) == nil,
      let inode = make(.regular)
    else { return }
    filesystem.add(inode, to: directory, name(b))
    changeNames(of: directory)
    let place = Place(directory: directory, name: name(b), inode: inode)
    tell(.create, place, process)
    if d & 7 != 0 {
      filesystem[inode].sizeBytes = UInt64(c & 3)
      write(inode)
      tellObject(.modify, place, process)
    }
    if d & 0x30 == 0 {
      open(place, isMapped: false, process)
    } else {
      tellObject(.closeWrite, place, process)
    }
  }

  func makeUnnamed(_ a: Int, _ process: Int32) {
    guard files.count < Self.openMax, let directory = directory(a), let inode = make(.regular)
    else { return }
    // The kernel gives it a name like "#52", which never comes to be.
    open(
      Place(directory: directory, name: SimulatedNames.dot, inode: inode), isMapped: false,
      process)
  }

  // MARK: Names

  func link(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ process: Int32) {
    guard let directory = directory(c), filesystem.find(name(d), in: directory) == nil else {
      return
    }
    let inode: Int32
    if let file = files.first(where: { filesystem[$0.inode].nameCount == 0 }), a & 1 == 0 {
      // Only what was made without a name can get one so.
      guard file.name == SimulatedNames.dot else { return }
      inode = file.inode
    } else if let place = place(a, b), !filesystem[place.inode].isDirectory {
      inode = place.inode
    } else {
      return
    }
    filesystem.add(inode, to: directory, name(d))
    change(inode)
    changeNames(of: directory)
    tellLinks(inode, process)
    tell(.create, Place(directory: directory, name: name(d), inode: inode), process)
  }

  func unlink(_ place: Place, _ process: Int32) {
    guard !filesystem[place.inode].isDirectory else { return }
    filesystem.remove(place.name, from: place.directory)
    change(place.inode)
    changeNames(of: place.directory)
    tellLinks(place.inode, process)
    tell(.delete, place, process)
    filesystem.freeIfUnused(place.inode)
  }

  func removeDirectory(_ place: Place, _ process: Int32) {
    guard isRemovable(place.inode), filesystem[place.inode].entries.isEmpty else { return }
    filesystem.remove(place.name, from: place.directory)
    changeNames(of: place.directory)
    tell(.delete, place, process)
    filesystem.freeIfUnused(place.inode)
  }

  private func isRemovable(_ inode: Int32) -> Bool {
    inode > SimulatedFilesystem.outside && filesystem[inode].isDirectory
  }

  func removeTree(_ place: Place, _ process: Int32) {
    guard isRemovable(place.inode), !filesystem.isInside(SimulatedFilesystem.source, place.inode),
      !filesystem.isInside(SimulatedFilesystem.outside, place.inode)
    else { return }
    for entry in filesystem[place.inode].entries {
      let child = Place(directory: place.inode, name: entry.name, inode: entry.inode)
      if filesystem[entry.inode].isDirectory {
        removeTree(child, process)
      } else {
        unlink(child, process)
      }
    }
    removeDirectory(place, process)
  }

  func rename(_ from: Place, _ to: Int32, _ name: UInt8, _ process: Int32) {
    let isDirectory = filesystem[from.inode].isDirectory
    if isDirectory, filesystem.isInside(to, from.inode) { return }
    let victim = filesystem.find(name, in: to)
    if let victim {
      // rename(2) of a name onto another of the same object does nothing.
      guard victim != from.inode, filesystem[victim].isDirectory == isDirectory else { return }
      if isDirectory {
        guard isRemovable(victim), filesystem[victim].entries.isEmpty else { return }
      }
      filesystem.remove(name, from: to)
      change(victim)
    }
    filesystem.remove(from.name, from: from.directory)
    filesystem.add(from.inode, to: to, name)
    change(from.inode)
    changeNames(of: from.directory)
    changeNames(of: to)
    tellRename(from, to, name, process)
    if let victim {
      if !isDirectory { tellLinks(victim, process) }
      filesystem.freeIfUnused(victim)
    }
  }

  private func tellRename(_ from: Place, _ to: Int32, _ name: UInt8, _ process: Int32) {
    var mask: EventMask = .rename
    if filesystem[from.inode].isDirectory { mask.insert(.onDirectory) }
    filesystem[from.inode].isAccessed = false
    emit(
      SimulatedEvent(
        mask: mask, process: process, directory: handle(from.directory), name: from.name,
        object: handle(from.inode), newDirectory: handle(to), newName: name))
  }

  func exchange(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ process: Int32) {
    guard let one = place(a, b), let other = place(c, d), one.inode != other.inode,
      one.inode != SimulatedFilesystem.source || other.inode != SimulatedFilesystem.outside
    else { return }
    if filesystem[one.inode].isDirectory, filesystem.isInside(other.directory, one.inode) { return }
    if filesystem[other.inode].isDirectory, filesystem.isInside(one.directory, other.inode) {
      return
    }
    filesystem.remove(one.name, from: one.directory)
    filesystem.remove(other.name, from: other.directory)
    filesystem.add(one.inode, to: other.directory, other.name)
    filesystem.add(other.inode, to: one.directory, one.name)
    change(one.inode)
    change(other.inode)
    changeNames(of: one.directory)
    changeNames(of: other.directory)
    tellRename(one, other.directory, other.name, process)
    tellRename(other, one.directory, one.name, process)
  }

  /// A rename that leaves a device at the old name, of which no event speaks.
  func whiteout(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ process: Int32) {
    guard let from = place(a, b), let to = directory(c), isFreeTarget(from, to, name(d)),
      let node = make(.characterDevice)
    else { return }
    rename(from, to, name(d), process)
    filesystem.add(node, to: from.directory, from.name)
  }

  private func isFreeTarget(_ from: Place, _ to: Int32, _ name: UInt8) -> Bool {
    filesystem.find(name, in: to) == nil
      && !(filesystem[from.inode].isDirectory && filesystem.isInside(to, from.inode))
  }

  /// What a snapshot of a subvolume does: a whole tree appears, and one event speaks of it.
  func cloneTree(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ process: Int32) {
    guard let from = place(a, b), filesystem[from.inode].isDirectory, let to = directory(c),
      isFreeTarget(from, to, name(d)), let copy = copy(from.inode)
    else { return }
    filesystem.add(copy, to: to, name(d))
    changeNames(of: to)
    tell(.create, Place(directory: to, name: name(d), inode: copy), process)
  }

  private func copy(_ inode: Int32) -> Int32? {
    guard let made = make(filesystem[inode].kind) else { return nil }
    let old = filesystem[inode]
    filesystem[made].permissions = old.permissions
    filesystem[made].uid = old.uid
    filesystem[made].gid = old.gid
    filesystem[made].device = old.device
    filesystem[made].sizeBytes = old.sizeBytes
    filesystem[made].content = old.content
    filesystem[made].contentOnDisk = old.content
    filesystem[made].modified = old.modified
    filesystem[made].target = old.target
    filesystem[made].attributes = old.attributes
    for entry in old.entries {
      if let child = copy(entry.inode) { filesystem.add(child, to: made, entry.name) }
    }
    return made
  }
}
