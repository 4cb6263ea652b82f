import Capture
import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The looks at a simulated source. Before each one others have their turn, and each shows what is
/// true at that very moment, of an object that is held as an open descriptor holds it.
final class SimulatedSource: SourceView {
  let world: SimulatedWorld
  /// The object that is looked at.
  private var object: Int32 = 0
  private var entered: SimulatedFilesystem.Handle = .none
  /// Directories that are open; in one that was removed meanwhile nothing is found.
  private var open: [SimulatedFilesystem.Handle] = []
  private static let openMax = 4

  init(_ world: SimulatedWorld) { self.world = world }

  let isAlive = true

  var rootKey: ObjectKey { world.filesystem.key(SimulatedFilesystem.source) }

  /// What is looked for, if it is still there.
  func find(_ key: ObjectKey) throws(Errno) -> Int32 {
    world.pass()
    if world.hasErrors, world.chance(world.settings.errorChance, of: 4_096, 2) {
      world.tell("    EIO")
      throw .ioError
    }
    guard let inode = world.filesystem.find(world.filesystem.handle(key)) else {
      throw .staleNFSFileHandle
    }
    return inode
  }

  func enter(_ directory: ObjectKey) throws(Errno) {
    let handle = world.filesystem.handle(directory)
    entered = handle
    if open.contains(handle) { return world.pass() }
    _ = try find(directory)
    if open.count == Self.openMax { open.removeFirst() }
    open.append(handle)
  }

  func lookAtName(
    _ name: UnsafeRawBufferPointer, _ body: (ObjectKey, Observation) throws(Errno) -> Void
  ) throws(Errno) {
    world.pass()
    world.tell("    look in \(entered) at \(String(decoding: name, as: UTF8.self))")
    guard let directory = world.filesystem.find(entered),
      let inode = inode(name, in: directory)
    else { throw .noSuchFileOrDirectory }
    try with(inode) { () throws(Errno) in
      world.pass()
      let key = world.filesystem.key(inode)
      world.pass()
      try body(key, observe(inode))
    }
  }

  func lookAtObject(
    _ key: ObjectKey, _ body: (Observation) throws(Errno) -> Void
  ) throws(Errno) {
    let inode = try find(key)
    world.tell("    look at object \(inode)")
    try with(inode) { () throws(Errno) in
      world.pass()
      try body(observe(inode))
    }
  }

  /// Holds an object while it is looked at.
  private func with(
    _ inode: Int32, _ body: () throws(Errno) -> Void
  ) throws(Errno) {
    world.filesystem.hold(inode)
    defer { world.filesystem.release(inode) }
    object = inode
    try body()
  }

  func target() throws(Errno) -> [UInt8] {
    SimulatedNames.targets[Int(world.filesystem[object].target)]
  }

  func extendedAttributes() throws(Errno) -> [UInt8] {
    world.pass()
    world.tell("      extended \(object): \(world.filesystem[object].attributes)")
    return SimulatedNames.attributes[Int(world.filesystem[object].attributes)]
  }

  func parent(of directory: ObjectKey) throws(Errno) -> ObjectKey? {
    let inode = try find(directory)
    if world.filesystem[inode].nameCount == 0 { return nil }
    world.pass()
    guard world.filesystem.find(world.filesystem.handle(directory)) == inode,
      world.filesystem[inode].nameCount > 0
    else { throw .staleNFSFileHandle }
    return world.filesystem.key(world.filesystem[inode].parent)
  }

  func rearm(
    _ file: ObjectKey, _ body: (Observation) throws(Errno) -> Void
  ) throws(Errno) {
    let inode = try find(file)
    try with(inode) { () throws(Errno) in
      world.sync(inode)
      world.pass()
      try body(observe(inode))
    }
  }

  func letGo() { open.removeAll(keepingCapacity: true) }

  func list(
    _ directory: ObjectKey, into listing: Listing, emit: (Listing) -> Listing?
  ) throws(Errno) -> Listing? {
    let inode = try find(directory)
    guard world.filesystem[inode].isDirectory else { throw .notDirectory }
    world.filesystem.hold(inode)
    defer { world.filesystem.release(inode) }
    var reading = DirectoryReading(inode, directory)
    var listing = listing
    while !read(&reading, into: listing) {
      guard let next = emit(listing) else { return nil }
      listing = next
    }
    return listing
  }

  func names(
    in directory: ObjectKey, most: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(Errno) -> Bool {
    let inode = try find(directory)
    world.filesystem.hold(inode)
    defer { world.filesystem.release(inode) }
    var reading = DirectoryReading(inode, directory)
    return readNames(&reading, most: most, body)
  }

  func readTree(excluded: Set<ObjectKey>) -> any TreeListings {
    SimulatedTreeListings(self, excluded)
  }

  // MARK: Looks

  func inode(_ name: UnsafeRawBufferPointer, in directory: Int32) -> Int32? {
    for entry in world.filesystem[directory].entries {
      let known = SimulatedNames.all[Int(entry.name)]
      if known.count == name.count, memcmp(known, name.baseAddress!, name.count) == 0 {
        return entry.inode
      }
    }
    return nil
  }

  func observe(_ inode: Int32) -> Observation {
    world.tell("      see \(inode): \(world.filesystem[inode])")
    world.filesystem[inode].wasSeen = true
    let object = world.filesystem[inode]
    return Observation(
      attributes: object.status, changed: Timestamp(nanosecondsSince1970: object.changed),
      inode: UInt64(inode), linkCount: object.isDirectory ? 2 : object.nameCount)
  }
}
