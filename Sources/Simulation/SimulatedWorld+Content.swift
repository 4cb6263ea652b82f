import Fanotify
import LinuxSystem

/// Operations on content and attributes.
extension SimulatedWorld {
  func open(_ a: Int, _ b: Int, isMapped: Bool, _ process: Int32) {
    guard let place = filePlace(a, b) else { return }
    open(place, isMapped: isMapped, process)
  }

  func open(_ place: Place, isMapped: Bool, _ process: Int32) {
    if files.count >= Self.openMax { close(0, withEvents: true) }
    filesystem.hold(place.inode)
    files.append(
      OpenFile(
        process: process, inode: place.inode, directory: handle(place.directory),
        name: place.name, isMapped: isMapped))
  }

  func close(_ number: Int, withEvents: Bool) {
    let file = files.remove(at: number)
    if !files.contains(where: { $0.inode == file.inode && $0.isMapped }) {
      filesystem[file.inode].isSilent = false
    }
    if withEvents { tell(.closeWrite, file) }
    filesystem.release(file.inode)
  }

  private func tell(_ mask: EventMask, _ file: OpenFile) {
    filesystem[file.inode].isAccessed = false
    emit(
      SimulatedEvent(
        mask: mask, process: file.process, directory: file.directory, name: file.name,
        object: handle(file.inode)))
  }

  func write(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ process: Int32) {
    if a & 1 == 0, !files.isEmpty {
      let file = files[b % files.count]
      if d & 3 != 0 { filesystem[file.inode].sizeBytes = UInt64(c & 3) }
      writeByCall(file.inode)
      tell(.modify, file)
    } else if let place = filePlace(a, b) {
      if d & 3 != 0 { filesystem[place.inode].sizeBytes = UInt64(c & 3) }
      writeByCall(place.inode)
      tellObject(.modify, place, process)
      tellObject(.closeWrite, place, process)
    }
  }

  func truncate(_ a: Int, _ b: Int, _ c: Int, _ process: Int32) {
    guard let place = filePlace(a, b) else { return }
    filesystem[place.inode].sizeBytes = UInt64(c & 3)
    write(place.inode)
    tellObject(.modify, place, process)
  }

  func store(_ a: Int) {
    var at = 0
    while at < files.count {
      let number = (a + at) % files.count
      if files[number].isMapped { return store(into: number) }
      at += 1
    }
  }

  /// New content under the old size and modification time.
  func rewrite(_ a: Int, _ b: Int, _ process: Int32) {
    guard let place = filePlace(a, b) else { return }
    let modified = filesystem[place.inode].modified
    write(place.inode)
    tellObject(.modify, place, process)
    change(place.inode)
    filesystem[place.inode].modified = modified
    tellObject(.modify, place, process)
    tellObject(.closeWrite, place, process)
  }

  func setAttributes(
    _ kind: Operation.Kind, _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ process: Int32
  ) {
    var found = place(a, b)
    if d & 15 == 0 {
      found = Place(
        directory: SimulatedFilesystem.top, name: 0, inode: SimulatedFilesystem.source)
    }
    guard let place = found else { return }
    let inode = place.inode
    if filesystem[inode].kind == .symbolicLink, kind == .setMode || kind == .setAttribute { return }
    change(inode)
    switch kind {
    case .setMode: filesystem[inode].permissions = UInt32(c & 0o7777)
    case .setOwner:
      filesystem[inode].uid = UInt32(c & 3)
      filesystem[inode].gid = UInt32(c >> 2 & 3)
    case .setAttribute: filesystem[inode].attributes = UInt8(c % SimulatedNames.attributeCount)
    case .setModified, .setTimes:
      // Back, forward, and to one moment that others have too.
      filesystem[inode].modified = c & 1 == 0 ? 1_000_000_000 : time + Int64(c) << 20
    default:
      filesystem[inode].isAccessed = true
      return
    }
    tellObject(kind == .setModified ? .modify : .attributes, place, process)
  }
}
