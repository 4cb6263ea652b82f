import LinuxSystem
import SystemPackage
import Tree

/// Open directories by object, at most 64, the least recently used closed first.
///
/// 64 serve the directories that are busy together; a few caches of them leave room under a limit of
/// 1,024 open files. Where the limit is lower, each takes an eighth of it.
struct OpenDirectories: ~Copyable {
  private static let countMax = max(4, min(64, openFilesMax() / 8))

  private struct Entry {
    var id: ObjectID
    var descriptor: Int32
    var used: UInt64
    var opened: UInt64
  }

  private var entries: [Entry] = []
  private var clock: UInt64 = 0
  /// How old, in nanoseconds, a descriptor may be that is still used.
  private let ageMax: UInt64
  private let countMax: Int

  init(ageMax: UInt64 = .max, countMax: Int = .max) {
    self.ageMax = ageMax
    self.countMax = min(countMax, Self.countMax)
  }

  deinit { for entry in entries { _ = Descriptor(owning: entry.descriptor) } }

  /// The descriptor of a directory that is open, and stays so until the next call.
  mutating func find(_ id: ObjectID) -> Int32? {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return nil }
    if ageMax != .max, monotonicNanoseconds() - entries[index].opened > ageMax {
      remove(id)
      return nil
    }
    clock += 1
    entries[index].used = clock
    return entries[index].descriptor
  }

  /// Keeps a directory open and gives its descriptor.
  mutating func keep(_ directory: consuming Descriptor, _ id: ObjectID) -> Int32 {
    remove(id)
    if entries.count >= countMax {
      let oldest = entries.indices.min { entries[$0].used < entries[$1].used }!
      _ = Descriptor(owning: entries.remove(at: oldest).descriptor)
    }
    clock += 1
    let raw = directory.release()
    entries.append(
      Entry(
        id: id, descriptor: raw, used: clock,
        opened: ageMax == .max ? 0 : monotonicNanoseconds()))
    return raw
  }

  mutating func remove(_ id: ObjectID) {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
    _ = Descriptor(owning: entries.remove(at: index).descriptor)
  }

  mutating func removeAll() {
    for entry in entries { _ = Descriptor(owning: entry.descriptor) }
    entries.removeAll()
  }
}
