import LinuxSystem
import Tree

/// The names of all objects at one commit of a journal, to turn ids into paths.
///
/// It holds less than the mirror does: names, and the attributes whose change is told. What it is
/// given may come from a hostile journal, so walks upwards are bounded.
struct PathTable {
  /// Eight times as deep as a path that Linux takes at once can be.
  static let depthMax = 16_384

  private var entries = PathEntries()
  /// Most objects have one name; these are the others.
  private var more: [ObjectID: [Link]] = [:]
  private var names: [UInt8] = []
  private var unusedBytes = 0
  /// Whose names are held beside those of directories; nil holds all.
  private let only: Set<ObjectID>?

  init(only: Set<ObjectID>? = nil) { self.only = only }

  /// Takes a change in.
  mutating func apply(_ changes: ChangeSet) {
    for object in changes.objects {
      if let only, object.attributes.kind != .directory, !only.contains(object.id) { continue }
      if object.facts.contains(.removed) {
        forget(object.id)
        continue
      }
      var entry = entries[object.id] ?? PathEntries.Entry()
      entry.mode = UInt16(truncatingIfNeeded: object.attributes.mode)
      entry.uid = object.attributes.uid
      entry.gid = object.attributes.gid
      entries[object.id] = entry
      for change in changes.links(of: object) {
        let link = changes.link(change)
        if change.isGained { add(link, to: object.id) } else { remove(link, from: object.id) }
      }
    }
    compactNames()
  }

  /// Any path of an object, from the source's root and without a leading `/`; `.` for the root.
  func path(of id: ObjectID) -> [UInt8] {
    guard id != .root else { return [0x2e] }
    guard let entry = entries[id], entry.hasLink else { return unknown(id) }
    return path(entry.parent, names[entry.nameRange])
  }

  /// The path of a name in a directory.
  func path(_ link: Link) -> [UInt8] { path(link.parent, link.name.bytes[...]) }

  /// All paths of an object.
  func paths(of id: ObjectID) -> [[UInt8]] {
    [path(of: id)] + (more[id] ?? []).map { path($0) }
  }

  /// The directories in which an object has a name.
  func parents(of id: ObjectID) -> [ObjectID] {
    guard let entry = entries[id], entry.hasLink else { return [] }
    return [entry.parent] + (more[id] ?? []).map(\.parent)
  }

  /// Gives the paths of all objects in some directories and beneath them.
  func forEachPath(
    beneath directories: Set<ObjectID>, _ body: ([UInt8], _ isDirectory: Bool) -> Void
  ) {
    var isBeneath: [ObjectID: Bool] = [.root: directories.contains(.root)]
    entries.forEach { id, entry in
      guard entry.hasLink else { return }
      if Self.isBeneath(entry.parent, directories, entries, &isBeneath) {
        body(path(of: id), FileKind(mode: UInt32(entry.mode)) == .directory)
      }
      for link in more[id] ?? [] {
        if Self.isBeneath(link.parent, directories, entries, &isBeneath) { body(path(link), false) }
      }
    }
  }

  /// - Parameter known: what was found out of directories; a circle is beneath nothing.
  private static func isBeneath(
    _ directory: ObjectID, _ wanted: Set<ObjectID>, _ entries: PathEntries,
    _ known: inout [ObjectID: Bool]
  ) -> Bool {
    var way: [ObjectID] = []
    var id = directory
    while known[id] == nil {
      known[id] = wanted.contains(id)
      way.append(id)
      if known[id] == true { break }
      guard let entry = entries[id], entry.hasLink else { break }
      id = entry.parent
    }
    let result = known[id] == true
    for passed in way { known[passed] = result }
    return result
  }

  /// Which attributes of an object a change makes other than they were.
  func difference(_ object: ObjectChange) -> [AttributeKind] {
    var kinds: [AttributeKind] = []
    guard let before = entries[object.id] else { return kinds }
    let after = object.attributes
    if before.mode != UInt16(truncatingIfNeeded: after.mode) { kinds.append(.mode) }
    if before.uid != after.uid || before.gid != after.gid { kinds.append(.owner) }
    if object.facts.contains(.extendedAttributes) { kinds.append(.extendedAttributes) }
    return kinds
  }

  private func path(_ parent: ObjectID, _ name: ArraySlice<UInt8>) -> [UInt8] {
    var components = [name]
    var directory = parent
    var start: [UInt8] = []
    while directory != .root {
      guard components.count < Self.depthMax, let entry = entries[directory], entry.hasLink else {
        start = unknown(directory) + [0x2f]
        break
      }
      components.append(names[entry.nameRange])
      directory = entry.parent
    }
    var path = start
    path.reserveCapacity(start.count + components.reduce(0) { $0 + $1.count + 1 })
    for component in components.reversed() {
      if !path.isEmpty, path.last != 0x2f { path.append(0x2f) }
      path += component
    }
    return path
  }

  /// No name of a journal looks like this one: it would be a path of two components.
  private func unknown(_ id: ObjectID) -> [UInt8] { Array("//object-\(id.rawValue)".utf8) }

  private mutating func add(_ link: Link, to id: ObjectID) {
    guard var entry = entries[id] else { return }
    if entry.hasLink {
      more[id, default: []].append(link)
      return
    }
    // Names of 4 GiB together are no tree's: those beyond are not known.
    guard names.count + link.name.bytes.count <= Int(UInt32.max) else { return }
    entry.parent = link.parent
    entry.nameOffset = UInt32(names.count)
    entry.nameCount = UInt8(truncatingIfNeeded: link.name.bytes.count)
    entries[id] = entry
    names += link.name.bytes
  }

  private mutating func remove(_ link: Link, from id: ObjectID) {
    guard var entry = entries[id] else { return }
    let name = names[entry.nameRange]
    if entry.hasLink, entry.parent == link.parent, name.elementsEqual(link.name.bytes) {
      unusedBytes += Int(entry.nameCount)
      entry.parent = .none
      entries[id] = entry
      if let other = more[id]?.popLast() { add(other, to: id) }
    } else if let at = more[id]?.firstIndex(of: link) {
      more[id]!.remove(at: at)
    }
    if more[id]?.isEmpty == true { more[id] = nil }
  }

  private mutating func forget(_ id: ObjectID) {
    guard let entry = entries[id] else { return }
    if entry.hasLink { unusedBytes += Int(entry.nameCount) }
    entries[id] = nil
    more[id] = nil
  }

  /// Names that went are dropped once they are half of all.
  private mutating func compactNames() {
    guard unusedBytes > 1 << 20, unusedBytes > names.count / 2 else { return }
    var kept: [UInt8] = []
    kept.reserveCapacity(names.count - unusedBytes)
    entries.change { entry in
      guard entry.hasLink else { return }
      let range = entry.nameRange
      entry.nameOffset = UInt32(kept.count)
      kept += names[range]
    }
    names = kept
    unusedBytes = 0
  }
}

/// An attribute whose change is told.
public enum AttributeKind: String, Sendable, CaseIterable {
  case mode, owner, times
  case extendedAttributes = "xattrs"
}
