import LinuxSystem
import SystemPackage

/// Open directories of the source, the ones used last: many hints in a row are about the same few.
struct DirectoryCache: ~Copyable {
  /// Works with a limit of 64 descriptors for the whole process.
  static let openMax = 16

  private var entries: [Int32] = []
  private var directories: [ObjectKey] = []
  /// The keys once more, mixed: sixteen of them are compared faster than keys.
  private var mixed: [UInt64] = []
  private var used: [UInt64] = []
  private var clock: UInt64 = 0

  deinit { for raw in entries { _ = Descriptor(owning: raw) } }

  /// The open descriptor of a directory, which stays open until others push it out.
  mutating func descriptor(
    of directory: ObjectKey, _ open: () throws(Errno) -> Descriptor
  ) throws(Errno) -> Int32 {
    clock += 1
    let wanted = directory.mixed
    for at in mixed.indices where mixed[at] == wanted && directories[at] == directory {
      used[at] = clock
      return entries[at]
    }
    return keep(try open(), of: directory)
  }

  /// Keeps a directory open until others push it out.
  mutating func keep(_ opened: consuming Descriptor, of directory: ObjectKey) -> Int32 {
    clock += 1
    let wanted = directory.mixed
    let raw = opened.release()
    if entries.count == Self.openMax {
      var oldest = 0
      for at in 1..<used.count where used[at] < used[oldest] { oldest = at }
      _ = Descriptor(owning: entries[oldest])
      entries[oldest] = raw
      directories[oldest] = directory
      mixed[oldest] = wanted
      used[oldest] = clock
    } else {
      entries.append(raw)
      directories.append(directory)
      mixed.append(wanted)
      used.append(clock)
    }
    return raw
  }

  /// The descriptor of a directory that is open.
  mutating func find(_ directory: ObjectKey) -> Int32? {
    clock += 1
    let wanted = directory.mixed
    for at in mixed.indices where mixed[at] == wanted && directories[at] == directory {
      used[at] = clock
      return entries[at]
    }
    return nil
  }

  /// Closes a directory.
  mutating func remove(_ directory: ObjectKey) {
    guard let at = directories.firstIndex(of: directory) else { return }
    _ = Descriptor(owning: entries.remove(at: at))
    directories.remove(at: at)
    mixed.remove(at: at)
    used.remove(at: at)
  }

  /// Closes all, so that the filesystem can free what was removed of them.
  mutating func removeAll() {
    for raw in entries { _ = Descriptor(owning: raw) }
    entries.removeAll(keepingCapacity: true)
    directories.removeAll(keepingCapacity: true)
    mixed.removeAll(keepingCapacity: true)
    used.removeAll(keepingCapacity: true)
  }
}
