import CLinux
import Glibc
import LinuxSystem
import SystemPackage
import Tree

extension Observer {
  /// Lists a directory and makes the mirror agree with what is in it.
  func scan(_ directory: Mirror.Node) {
    verification?.visited.insert(directory.row32)
    guard let parent = openForScan(directory) else { return }
    let hadChildren = mirror.hasChildren(directory)
    if hadChildren { mirror.clearSeen(in: directory) }
    do throws(DirectoryError<Never>) {
      try reader.forEach(in: parent.raw) { name, _, _ in
        let bytes = UnsafeRawBufferPointer(start: name, count: strlen(name))
        meetByName(directory, parent.raw, name, bytes)
      }
    } catch {
      // What could not be read is unknown: nothing in it is taken for gone.
      if case .reading(let code) = error { unreadable[mirror.id(directory)] = code }
      return
    }
    if hadChildren {
      mirror.forEachChild(of: directory) { place in
        if !mirror.isSeen(place) { toLook.append((directory, mirror.name(of: place), 0)) }
      }
    }
    onProgress?()
  }

  private func openForScan(_ directory: Mirror.Node) -> Descriptor? {
    do throws(Errno) {
      return directory == mirror.root
        ? try Descriptor.open(".", in: anchor.root.raw, .list)
        : try mirror.key(directory).open(mount: anchor.root.raw, flags: OpenFlags.list.rawValue)
    } catch {
      failed(directory, error)
      return nil
    }
  }

  /// Looks at an entry by name, which is cheaper than to open it. Handle and attributes are then
  /// two looks; where they are not of one object, the entry is opened after all.
  private func meetByName(
    _ directory: Mirror.Node, _ parent: Int32, _ name: UnsafePointer<CChar>,
    _ bytes: UnsafeRawBufferPointer
  ) {
    do throws(Errno) {
      let key = try ObjectKey.of(name, in: parent)
      let status = try FileStatus.of(name, in: parent)
      guard key.mayBelong(toInode: status.inode) else {
        return look(directory, bytes, tries: 0)
      }
      if excluded.contains(key) { return isAbsent(directory, bytes) }
      guard let node = meet(directory, bytes, key, status, tries: 0) else { return }
      try observeByName(node, status, name, parent)
      if status.kind == .directory, verification?.isWholeTree == true,
        verification?.visited.contains(node.row32) == false
      {
        toScan.append(node)
      }
    } catch {
      if error != .noSuchFileOrDirectory { unreadable[mirror.id(directory)] = error }
    }
  }

  /// Keeps what a name shows of its object; extended attributes are read only if anything moved.
  private func observeByName(
    _ node: Mirror.Node, _ status: FileStatus, _ name: UnsafePointer<CChar>, _ parent: Int32
  ) throws(Errno) {
    let isNew = mirror.isNew(node)
    noteContent(node, status)
    let isChanged = mirror.observe(
      node, Attributes(status), changed: status.changed, drainedSeconds: drainedSeconds)
    guard isNew || isChanged else { return }
    if !isNew { mirror.noteAttributes(node) }
    if status.kind == .symbolicLink { mirror.setTarget(node, try Names.target(of: name, in: parent)) }
    if try attributeReader.read(name, in: parent) || !isNew {
      mirror.observe(node, encodedAttributes: attributeReader.encoded)
    }
  }
}

extension ObjectKey {
  /// Whether a handle can be that of an object with this inode number, for the handle types that
  /// are known to hold it; true for others.
  func mayBelong(toInode inode: UInt64) -> Bool {
    withBytes { bytes in
      switch (type, byteCount) {
      case (1, 8):  // ext4 and others: inode 4, generation 4
        return UInt64(bytes.loadUnaligned(as: UInt32.self)) == inode
      case (0x81, 12):  // xfs: inode 8, generation 4
        return bytes.loadUnaligned(as: UInt64.self) == inode
      case (0x4d, 20):  // btrfs: object 8, tree 8, generation 4
        return bytes.loadUnaligned(as: UInt64.self) == inode
      case (1, 12):  // tmpfs: generation 4, inode 8 in two words
        let low = UInt64(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        return low == inode & 0xffff_ffff
      default: return true
      }
    }
  }
}
