import Tree

/// In which directory each object is, and how directories are called, in bounded memory.
///
/// Objects are numbered in the order in which they came: the directory of each is an element of an
/// array, in pieces. Where the bounds are reached the oldest objects, and what is deepest, are
/// forgotten; a change there counts for the nearest directory that is still known.
package struct DirectoryTable {
  private struct Directory {
    var parent: ObjectID
    var nameOffset: UInt32
    var nameCount: UInt16
    var isGone = false
  }

  private static let pieceCount = 1 << 16
  /// 16 MiB: four million objects.
  private static let pieceCountMax = 64
  /// About 12 MiB.
  private static let directoryCountMax = 1 << 17
  private static let nameBytesMax = 8 << 20
  /// Deeper than any path that Linux takes.
  private static let depthMax = 4_096

  /// The directories of objects, by the upper bits of the object's number from `firstPiece` on; some
  /// pieces are empty yet.
  private var pieces: [[UInt32]] = []
  private var firstPiece: UInt64 = 0
  private var directories: [ObjectID: Directory] = [:]
  private var names: [UInt8] = []
  /// Whether there was no room for something.
  package private(set) var isLossy = false

  package init() {}

  /// The directory that an object is in; nil when it is not known.
  func parent(of id: ObjectID) -> ObjectID? {
    let number = id.rawValue >> 16
    guard number >= firstPiece, number - firstPiece < UInt64(pieces.count) else { return nil }
    let piece = Int(number - firstPiece)
    guard !pieces[piece].isEmpty else { return nil }
    let value = pieces[piece][Int(id.rawValue & 0xffff)]
    return value == 0 ? nil : ObjectID(UInt64(value))
  }

  /// The directory itself, or the nearest above it whose name is known.
  package func nearest(_ id: ObjectID) -> ObjectID {
    var id = id
    for _ in 0..<Self.depthMax where id != .root {
      if directories[id] != nil { return id }
      guard let above = parent(of: id) else { return .root }
      id = above
    }
    return .root
  }

  /// Takes a change in.
  ///
  /// - Parameter isNeeded: whether the name of a directory that is gone is still wanted.
  package mutating func apply(_ changes: ChangeSet, isNeeded: (ObjectID) -> Bool) {
    for object in changes.objects {
      let isDirectory = object.attributes.kind == .directory
      if object.facts.contains(.removed) {
        if isDirectory { directories[object.id]?.isGone = true }
        continue
      }
      guard let link = changes.links(of: object).last(where: \.isGained) else { continue }
      set(object.id, in: link.parent)
      if isDirectory { name(object.id, changes, link, isNeeded) }
    }
  }

  /// The path of a directory, also of one that is gone: the last that it had.
  package func path(of id: ObjectID) -> [UInt8] {
    if id == .root { return [0x2e] }
    var components: [ArraySlice<UInt8>] = []
    var directory = id
    var start: [UInt8] = []
    while directory != .root {
      guard components.count < Self.depthMax, let entry = directories[directory] else {
        start = Array("//object-\(directory.rawValue)".utf8)
        break
      }
      let offset = Int(entry.nameOffset)
      components.append(names[offset..<offset + Int(entry.nameCount)])
      directory = entry.parent
    }
    return Array(((start.isEmpty ? [] : [start[...]]) + components.reversed()).joined(separator: [0x2f]))
  }

  private mutating func set(_ id: ObjectID, in parent: ObjectID) {
    let number = id.rawValue >> 16
    guard number >= firstPiece else {
      // It is older than all that there was room for.
      isLossy = true
      return
    }
    if number - firstPiece >= UInt64(Self.pieceCountMax) {
      let surplus = number - firstPiece - UInt64(Self.pieceCountMax) + 1
      isLossy = isLossy || !pieces.isEmpty
      pieces.removeFirst(Int(min(surplus, UInt64(pieces.count))))
      firstPiece += surplus
    }
    let piece = Int(number - firstPiece)
    while pieces.count <= piece { pieces.append([]) }
    if pieces[piece].isEmpty { pieces[piece] = Array(repeating: 0, count: Self.pieceCount) }
    pieces[piece][Int(id.rawValue & 0xffff)] = UInt32(exactly: parent.rawValue) ?? 0
  }

  private mutating func name(
    _ id: ObjectID, _ changes: ChangeSet, _ link: LinkChange, _ isNeeded: (ObjectID) -> Bool
  ) {
    let count = Int(link.name.count)
    let isFull = directories.count >= Self.directoryCountMax && directories[id] == nil
    if isFull || names.count + count > Self.nameBytesMax {
      compact(isNeeded)
      // Half of the room must have become free, or this is done for each directory that comes.
      guard directories.count < Self.directoryCountMax, names.count + count <= Self.nameBytesMax
      else {
        isLossy = true
        directories[id] = nil
        return
      }
    }
    let offset = UInt32(names.count)
    changes.withBytes(link.name) { names.append(contentsOf: $0) }
    directories[id] = Directory(
      parent: link.parent, nameOffset: offset, nameCount: UInt16(clamping: count))
  }

  /// Forgets directories that are gone and not wanted, and names that nobody has.
  private mutating func compact(_ isNeeded: (ObjectID) -> Bool) {
    guard !isHopeless else { return }
    var wanted: Set<ObjectID> = []
    for (id, entry) in directories where !entry.isGone || isNeeded(id) {
      var id = id
      while id != .root, wanted.insert(id).inserted, let above = directories[id]?.parent {
        id = above
      }
    }
    var kept: [UInt8] = []
    var remaining: [ObjectID: Directory] = [:]
    for (id, entry) in directories where wanted.contains(id) {
      var entry = entry
      let offset = Int(entry.nameOffset)
      entry.nameOffset = UInt32(kept.count)
      kept += names[offset..<offset + Int(entry.nameCount)]
      remaining[id] = entry
    }
    isHopeless = remaining.count > Self.directoryCountMax * 7 / 8
      || kept.count > Self.nameBytesMax * 7 / 8
    directories = remaining
    names = kept
  }

  /// Little became free the last time: what comes is not taken in any more.
  private var isHopeless = false
}
