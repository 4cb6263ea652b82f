import CLinux
import Exclusion
import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Reads directories into listings, by name, which is cheaper than to open every entry.
final class Lister {
  private let anchor: SourceAnchor
  private let reader = DirectoryReader()
  private var attributeReader = ExtendedAttributeReader()
  /// What is mounted inside the source and followed.
  private let grafts: GraftTable
  /// The graft that is read.
  private var graft: UInt32 = 0

  init(_ anchor: SourceAnchor, _ grafts: GraftTable = .empty) {
    self.anchor = anchor
    self.grafts = grafts
  }

  /// Reads an open directory and adds it to a listing.
  ///
  /// - Parameters:
  ///   - filter: what it leaves out is passed over, mostly without a look.
  ///   - listing: is not full; it is added to first.
  ///   - emit: takes a full listing and gives an empty one; nil ends the reading.
  /// - Returns: the listing that has the directory's last part, full or not; nil when `emit` ended
  ///   the reading.
  func list(
    _ directory: Int32, key: ObjectKey, leavingOut filter: NameFilter? = nil,
    into listing: Listing, emit: (Listing) -> Listing?
  ) -> Listing? {
    var current = listing
    current.begin(key, isFirst: true)
    graft = key.graft
    do throws(DirectoryError<Ended>) {
      try reader.forEach(in: directory) { name, _, kind throws(Ended) in
        if let filter, Self.leavesOut(name, kind, filter) { return }
        if current.isFull {
          current.end(isLast: false)
          guard let next = emit(current) else { throw Ended() }
          current = next
          current.begin(key, isFirst: false)
        }
        read(name, in: directory, to: current)
      }
    } catch {
      guard case .reading(let code) = error else { return nil }
      current.fail(code.rawValue)
    }
    current.end(isLast: true)
    return current
  }

  /// Calls `body` with the names in an open directory, `most` at most.
  ///
  /// - Returns: whether those were all.
  func names(
    in directory: Int32, most: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(Errno) -> Bool {
    var left = most
    do throws(DirectoryError<Ended>) {
      try reader.forEach(in: directory) { name, _, _ throws(Ended) in
        guard left > 0 else { throw Ended() }
        left -= 1
        body(UnsafeRawBufferPointer(start: name, count: strlen(name)))
      }
    } catch {
      guard case .reading(let code) = error else { return false }
      throw code
    }
    return true
  }

  private struct Ended: Error {}

  private static func leavesOut(
    _ name: UnsafePointer<CChar>, _ kind: FileKind, _ filter: NameFilter
  ) -> Bool {
    filter.leavesOut(
      UnsafeRawBufferPointer(start: name, count: strlen(name)),
      isDirectory: kind == .unknown ? nil : kind == .directory)
  }

  private func read(
    _ name: UnsafePointer<CChar>, in directory: Int32, to listing: Listing
  ) {
    do throws(Errno) {
      guard anchor.identity == .handle else {
        return try readOpened(name, in: directory, to: listing)
      }
      let key = try ObjectKey.of(name, in: directory)
      if key.isBtrfsPlaceholder { return }
      guard key.tellsInode else { return try readOpened(name, in: directory, to: listing) }
      let status = try FileStatus.of(name, in: directory)
      try anchor.check(status)
      let observation = Observation(status)
      // A target is asked for once in an object's life: it must not be that of another.
      if observation.kind == .symbolicLink {
        return try readOpened(name, in: directory, to: listing)
      }
      if !grafts.isEmpty, observation.kind == .directory,
        let mounted = grafts.covering(key.inGraft(graft))
      {
        return try readRoot(of: mounted, name, to: listing)
      }
      var entry = Listing.Entry(
        name: listing.store(UnsafeRawBufferPointer(start: name, count: strlen(name))),
        key: key.inGraft(graft),
        observation: observation, extendedAttributes: 0..<0, target: 0..<0,
        isTorn: !key.mayBelong(toInode: observation.inode))
      if try attributeReader.read(name, in: directory, flags: status.flags) {
        entry.extendedAttributes = attributeReader.encoded.withUnsafeBytes { listing.store($0) }
      }
      listing.entries.append(entry)
    } catch {
      // Gone between the list and the look: an event tells. Anything else: unknown.
      if error != .noSuchFileOrDirectory { listing.fail(error.rawValue) }
    }
  }
}

extension Lister {
  /// Reads an entry through one open object, so that all that is seen is of that: where the handle does
  /// not tell whose it is, and for symbolic links.
  private func readOpened(
    _ name: UnsafePointer<CChar>, in directory: Int32, to listing: Listing
  ) throws(Errno) {
    let object = try Descriptor.open(name, in: directory, .look)
    let status = try anchor.identity.status(of: object.raw)
    try anchor.check(status)
    let key = try anchor.identity.key(of: object.raw, status).inGraft(graft)
    if status.kind == .directory, let mounted = grafts.covering(key) {
      return try readRoot(of: mounted, name, to: listing)
    }
    let observation = Observation(status)
    var entry = Listing.Entry(
      name: listing.store(UnsafeRawBufferPointer(start: name, count: strlen(name))), key: key,
      observation: observation, extendedAttributes: 0..<0, target: 0..<0, isTorn: false)
    if try attributeReader.read(object.raw, flags: status.flags) {
      entry.extendedAttributes = attributeReader.encoded.withUnsafeBytes { listing.store($0) }
    }
    if observation.kind == .symbolicLink {
      entry.target = try Names.target(of: "", in: object.raw).withUnsafeBytes { listing.store($0) }
    }
    listing.entries.append(entry)
  }
}

extension Lister {
  /// Reads what is mounted on a directory in place of that.
  private func readRoot(
    of mounted: Graft, _ name: UnsafePointer<CChar>, to listing: Listing
  ) throws(Errno) {
    let status = try FileStatus.of(mounted.root.raw)
    var entry = Listing.Entry(
      name: listing.store(UnsafeRawBufferPointer(start: name, count: strlen(name))), key: mounted.key,
      observation: Observation(status), extendedAttributes: 0..<0, target: 0..<0, isTorn: false)
    if try attributeReader.read(mounted.root.raw, flags: status.flags) {
      entry.extendedAttributes = attributeReader.encoded.withUnsafeBytes { listing.store($0) }
    }
    listing.entries.append(entry)
  }
}

extension ObjectKey {
  /// Whether the handle is of a type that is known to hold the inode number.
  package var tellsInode: Bool {
    switch (type, byteCount) {
    case (1, 8), (0x81, 12), (0x4d, 20), (1, 12): true
    default: false
    }
  }

  /// Whether a handle can be that of an object with this inode number, for the handle types that
  /// are known to hold it; true for others.
  @inline(__always)
  package func mayBelong(toInode inode: UInt64) -> Bool {
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
