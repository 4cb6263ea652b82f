import Capture
import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// How far a directory has been read.
///
/// The names of one chunk are read at once, and each is looked at later, by name: for its handle, its
/// status, its extended attributes. Between any two of these another object may have come
/// under the name.
struct DirectoryReading {
  let inode: Int32
  let key: ObjectKey
  fileprivate var chunk: [UInt8] = []
  fileprivate var at = 0
  /// The number of the last name that was read; names stand in the order of their numbers.
  fileprivate var last = -1
  fileprivate var isFirst = true

  init(_ inode: Int32, _ key: ObjectKey) {
    self.inode = inode
    self.key = key
  }
}

extension SimulatedSource {
  /// Reads on in a directory, till its end or till the listing has as many entries as one may.
  ///
  /// - Parameter found: is told of every directory that was listed.
  /// - Returns: whether the directory's end was reached.
  func read(
    _ reading: inout DirectoryReading, into listing: Listing, found: (ObjectKey) -> Void = { _ in }
  ) -> Bool {
    world.tell("    list \(reading.inode)")
    listing.begin(reading.key, isFirst: reading.isFirst)
    reading.isFirst = false
    var count = 0
    while true {
      if reading.at == reading.chunk.count {
        world.pass()
        nextChunk(&reading)
        if reading.chunk.isEmpty { break }
      }
      if count == world.settings.listingMax {
        listing.end(isLast: false)
        return false
      }
      let name = reading.chunk[reading.at]
      reading.at += 1
      count += 1
      do throws(Errno) {
        if let directory = try add(name, of: reading.inode, to: listing) { found(directory) }
      } catch {
        if error != .noSuchFileOrDirectory { listing.fail(error.rawValue) }
      }
    }
    listing.end(isLast: true)
    return true
  }

  /// Reads names only, and a chunk of them at once.
  ///
  /// - Returns: whether the directory's end was reached before there were too many.
  func readNames(
    _ reading: inout DirectoryReading, most: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) -> Bool {
    world.tell("    list the names of \(reading.inode)")
    var left = most
    while true {
      world.pass()
      nextChunk(&reading)
      if reading.chunk.isEmpty { return true }
      for name in reading.chunk {
        if left == 0 { return false }
        left -= 1
        SimulatedNames.all[Int(name)].withUnsafeBytes(body)
      }
    }
  }

  private func nextChunk(_ reading: inout DirectoryReading) {
    reading.chunk.removeAll(keepingCapacity: true)
    reading.at = 0
    for entry in world.filesystem[reading.inode].entries where Int(entry.name) > reading.last {
      if reading.chunk.count == world.settings.chunkMax { break }
      reading.chunk.append(entry.name)
      reading.last = Int(entry.name)
    }
  }

  /// - Returns: the key, if the name is of a directory.
  private func add(
    _ name: UInt8, of directory: Int32, to listing: Listing
  ) throws(Errno) -> ObjectKey? {
    if world.settings.handles == .opaque { return try addOpened(name, of: directory, to: listing) }
    let key = world.filesystem.key(try current(name, directory))
    let observation = observe(try current(name, directory))
    if observation.attributes.kind == .symbolicLink {
      return try addOpened(name, of: directory, to: listing)
    }
    let number = try current(name, directory)
    let attributes = SimulatedNames.attributes[Int(world.filesystem[number].attributes)]
    world.tell("      extended \(number): \(world.filesystem[number].attributes)")
    let isTorn = !key.mayBelong(toInode: observation.inode)
    SimulatedNames.all[Int(name)].withUnsafeBytes {
      listing.add(
        $0, key, observation, isTorn: isTorn, target: [], extendedAttributes: attributes)
    }
    return observation.attributes.kind == .directory && !isTorn ? key : nil
  }

  /// Where handles do not tell whose they are, and of symbolic links, an entry is looked at through one open object.
  private func addOpened(
    _ name: UInt8, of directory: Int32, to listing: Listing
  ) throws(Errno) -> ObjectKey? {
    let inode = try current(name, directory)
    world.filesystem.hold(inode)
    defer { world.filesystem.release(inode) }
    world.pass()
    let key = world.filesystem.key(inode)
    let observation = observe(inode)
    world.pass()
    let object = world.filesystem[inode]
    SimulatedNames.all[Int(name)].withUnsafeBytes {
      listing.add(
        $0, key, observation, isTorn: false,
        target: object.kind == .symbolicLink ? SimulatedNames.targets[Int(object.target)] : [],
        extendedAttributes: SimulatedNames.attributes[Int(object.attributes)])
    }
    return object.isDirectory ? key : nil
  }

  /// What a name stands for now.
  private func current(_ name: UInt8, _ directory: Int32) throws(Errno) -> Int32 {
    world.pass()
    if world.hasErrors, world.chance(world.settings.errorChance, of: 4_096, 3) {
      world.tell("      EIO")
      throw .ioError
    }
    guard let inode = world.filesystem.find(name, in: directory) else {
      throw .noSuchFileOrDirectory
    }
    return inode
  }
}

/// Reads the whole simulated source, one directory after the other.
final class SimulatedTreeListings: TreeListings {
  private let source: SimulatedSource
  private let excluded: Set<ObjectKey>
  private var waiting: [ObjectKey]
  private var reading: DirectoryReading?
  private var free: [Listing] = []

  init(_ source: SimulatedSource, _ excluded: Set<ObjectKey>) {
    self.source = source
    self.excluded = excluded
    waiting = [source.rootKey]
  }

  deinit { if let reading { source.world.filesystem.release(reading.inode) } }

  func recycle(_ listing: Listing) { free.append(listing) }

  func next() -> Listing? {
    let listing = free.popLast() ?? Listing()
    listing.removeAll()
    var isEmpty = true
    while reading != nil || begin() {
      isEmpty = false
      let isAtEnd = source.read(&reading!, into: listing) { key in
        if !excluded.contains(key) { waiting.append(key) }
      }
      guard isAtEnd else { return listing }
      source.world.filesystem.release(reading!.inode)
      reading = nil
      if source.world.chance(1, of: 2, 4) { return listing }
    }
    return isEmpty ? nil : listing
  }

  /// Opens the next directory that is still there.
  private func begin() -> Bool {
    while let key = waiting.popLast() {
      guard let inode = try? source.find(key) else { continue }
      source.world.filesystem.hold(inode)
      reading = DirectoryReading(inode, key)
      return true
    }
    return false
  }
}
