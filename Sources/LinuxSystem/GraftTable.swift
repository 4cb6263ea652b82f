import CLinux
import Glibc
import SystemPackage

/// What is mounted inside a source at one moment, and which of it is followed.
///
/// Followed is what has files on a disk or in memory. What only looks like files (proc, sysfs, cgroup,
/// devpts and the like), what changes from elsewhere without a report (network filesystems), and what
/// gives no lasting handles (FUSE) is left out, with all that is mounted inside that; and so is a mount
/// on a file.
public final class GraftTable: Sendable {
  /// Something that is mounted inside the source and not followed.
  public struct LeftOut: Sendable, Hashable {
    public let entry: MountEntry
    /// Why, as part of a sentence.
    public let reason: String
  }

  /// Each is held by a descriptor, of which it may take a quarter, and watched by a mark.
  public static let countMax = min(256, openFilesMax() / 4)
  /// Filesystems without a device that are followed all the same.
  private static let followedTypes: Set<String> = ["tmpfs", "btrfs", "overlay", "zfs", "ubifs", "bcachefs"]

  public let grafts: [Graft]
  public let leftOut: [LeftOut]
  /// Something was moved or unmounted during the look: the next one may find more.
  public let isUncertain: Bool
  private let numbered: [UInt32: Graft]
  private let covering: [ObjectKey: Graft]

  public static let empty = GraftTable([], leftOut: [], isUncertain: false)

  private init(_ grafts: [Graft], leftOut: [LeftOut], isUncertain: Bool) {
    self.grafts = grafts
    self.leftOut = leftOut
    self.isUncertain = isUncertain
    numbered = Dictionary(uniqueKeysWithValues: grafts.map { ($0.number, $0) })
    covering = Dictionary(grafts.map { ($0.covered, $0) }) { first, _ in first }
  }

  public var isEmpty: Bool { grafts.isEmpty }

  public subscript(_ number: UInt32) -> Graft? { numbered[number] }

  /// What is mounted on a directory.
  @inline(__always)
  public func covering(_ directory: ObjectKey) -> Graft? { covering[directory] }

  /// What a path leads into, given as names from the source's root; nil for the source's own filesystem.
  public func reaching(_ names: [[UInt8]]) -> Graft? {
    guard !grafts.isEmpty else { return nil }
    return grafts.filter { names.starts(with: $0.names) }.max { $0.names.count < $1.names.count }
  }

  /// What is mounted at a path, given as names from the source's root.
  public func at(_ names: [[UInt8]]) -> Graft? { grafts.first { $0.names == names } }

  /// Looks at what is mounted inside a source.
  ///
  /// - Parameters:
  ///   - source: its path, absolute and without links.
  ///   - root: its root, in a private copy of its mount.
  ///   - avoided: filesystems that are left out, such as the destination's.
  ///   - previous: what was found before: grafts that are as they were are kept.
  ///   - accept: is asked of each new graft; why it is left out, or nil.
  /// - Throws: `ENOENT` where /proc is not mounted.
  public convenience init(
    source: [UInt8], root: Int32, avoiding avoided: Set<FilesystemPlace> = [],
    previous: GraftTable = .empty, accept: (Graft) -> String? = { _ in nil }
  ) throws(Errno) {
    let table = try MountTable()
    let inside = try table.entries().filter { $0.isWithin(source) && $0.path.count > source.count }
    guard !inside.isEmpty else {
      self.init([], leftOut: [], isUncertain: false)
      return
    }
    let unfollowed = try Self.typesLeftOut()
    var grafts: [Graft] = []
    var leftOut: [LeftOut] = []
    var isUncertain = false
    // What is mounted inside another mount comes after that.
    let order = inside.indices.sorted {
      (inside[$0].path.count, $0) < (inside[$1].path.count, $1)
    }
    for entry in order.map({ inside[$0] }) {
      if leftOut.contains(where: { entry.isWithin($0.entry.path) }) { continue }
      func leave(_ reason: String) { leftOut.append(LeftOut(entry: entry, reason: reason)) }
      // Those of FUSE may have a name of their own after a dot.
      let type = Array(entry.type.prefix { $0 != UInt8(ascii: ".") })
      if unfollowed.contains(type) {
        leave("only filesystems on disks and in memory are followed")
        continue
      }
      guard grafts.count < Self.countMax else {
        leave("more than \(Self.countMax) mounts are not followed")
        continue
      }
      do throws(Errno) {
        let found = try Self.look(entry, source, root, grafts, previous)
        guard let graft = found else { continue }  // something else is mounted on it, or above it
        if avoided.contains(graft.place) {
          leave("the destination is on it")
        } else if let other = grafts.first(where: { $0.number == graft.number }) {
          leave("the same is followed at \(String(decoding: other.entry.path, as: UTF8.self))")
        } else if graft !== previous[graft.number], let reason = accept(graft) {
          leave(reason)
        } else {
          grafts.append(graft)
        }
      } catch {
        switch error {
        case .notDirectory: leave("it is mounted on a file")
        case .notSupported: leave("its objects cannot be opened by handles")
        case .noSuchFileOrDirectory, .staleNFSFileHandle: isUncertain = true
        default: leave("\(error)")
        }
      }
    }
    // A directory that was renamed in the midst of it would have led to another one.
    let after = Set(try table.entries().map { PlacedMount(id: $0.id, path: $0.path) })
    let sure = grafts.filter { after.contains(PlacedMount(id: $0.entry.id, path: $0.entry.path)) }
    self.init(sure, leftOut: leftOut, isUncertain: isUncertain || sure.count < grafts.count)
  }

  private struct PlacedMount: Hashable {
    var id: UInt64
    var path: [UInt8]
  }

  /// Opens what is mounted at a place.
  ///
  /// - Returns: nil when it cannot be seen there.
  /// - Throws: `EOPNOTSUPP` where objects cannot be opened by handles, `ENOENT` where the place is elsewhere by now.
  private static func look(
    _ entry: MountEntry, _ source: [UInt8], _ root: Int32, _ grafts: [Graft], _ previous: GraftTable
  ) throws(Errno) -> Graft? {
    let there = try withCString(entry.path) { path throws(Errno) in
      try Descriptor.open(path, in: AT_FDCWD, .given)
    }
    guard try FileStatus.of(there.raw).mountID == entry.id else { return nil }
    let names = entry.names(beneath: source)!
    let base = grafts.filter { entry.isWithin($0.entry.path) }.max { $0.names.count < $1.names.count }
    let number = base?.number ?? 0
    let parent = try AnchoredPath.openDirectory(
      beneath: base?.root.raw ?? root, Array(names.dropFirst(base?.names.count ?? 0).dropLast()))
    let parentKey = try ObjectKey.of(parent.raw).inGraft(number)
    let covered = try withCString(names.last!) { name throws(Errno) in
      try ObjectKey.of(name, in: parent.raw)
    }.inGraft(number)
    let mount = try mountIdentity(there.raw)
    if let known = previous.grafts.first(where: { $0.mount == mount }),
      known.names == names, known.covered == covered, known.parent == parentKey, known.entry.id == entry.id
    {
      return known
    }
    let tree = try Descriptor.cloneTree(of: there.raw)
    guard try ObjectIdentity(of: tree.raw) == .handle else { throw .notSupported }
    let handle = try ObjectKey.of(tree.raw)
    _ = try handle.open(mount: tree.raw, flags: OpenFlags.list.rawValue)
    let place = try FilesystemPlace(of: tree.raw)
    let filesystem = try filesystemIdentity(tree.raw)
    return Graft(
      number: Graft.number(filesystem: filesystem, root: handle), entry: entry, names: names, root: tree,
      handle: handle, covered: covered, parent: parentKey, place: place, mount: mount)
  }

  /// The filesystem types that are not followed: on no disk and not in memory. See proc(5).
  public static func typesLeftOut() throws(Errno) -> Set<[UInt8]> {
    let file = try Descriptor.open(path: "/proc/filesystems", O_RDONLY)
    let text = try FileBytes.readAll(file.raw, limit: 1 << 20)
    var types: Set<[UInt8]> = [Array("fuseblk".utf8)]
    for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "nodev\t".utf8) {
      let type = Array(line.dropFirst(6))
      if !followedTypes.contains(String(decoding: type, as: UTF8.self)) { types.insert(type) }
    }
    return types
  }
}

extension MountEntry {
  /// The names that lead from a directory to where it is mounted; nil when that is not beneath it.
  ///
  /// - Parameter directory: absolute, without links.
  public func names(beneath directory: [UInt8]) -> [[UInt8]]? {
    guard isWithin(directory) else { return nil }
    return path.dropFirst(directory.count).split(separator: UInt8(ascii: "/")).map(Array.init)
  }

  /// Whether it is mounted on a directory, or beneath it.
  public func isWithin(_ directory: [UInt8]) -> Bool {
    let slash = UInt8(ascii: "/")
    return path.starts(with: directory)
      && (path.count == directory.count || directory.last == slash || path[directory.count] == slash)
  }
}
