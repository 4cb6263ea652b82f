import Glibc
import Journal
import Tree

/// Follows which object has one path, commit by commit, and knows of no other: it takes room for the
/// names that are components of the path, wherever they stand.
struct PathTracker {
  let components: [[UInt8]]
  /// For each component: in which directory which object has it for a name.
  private var holders: [[ObjectID: ObjectID]]
  private var found: [(object: ObjectID, level: Int, change: LinkChange)] = []
  /// The object that has the path.
  private(set) var occupant: ObjectID?
  /// The directory in which the path's last name would be.
  private var directory: ObjectID?

  /// - Parameter path: from the source's root, without a leading `/`; `.` for the root.
  init(_ path: [UInt8]) {
    components = path == [0x2e] ? [] : path.split(separator: 0x2f).map(Array.init)
    holders = Array(repeating: [:], count: components.count)
    occupant = components.isEmpty ? .root : nil
    directory = components.count == 1 ? .root : nil
  }

  /// Takes a change in.
  mutating func apply(_ changes: ChangeSet) {
    find(changes)
    guard !found.isEmpty else { return }
    // A name is lost before another object gains it.
    for (object, level, change) in found where !change.isGained {
      if holders[level][change.parent] == object { holders[level][change.parent] = nil }
    }
    for (object, level, change) in found where change.isGained {
      holders[level][change.parent] = object
    }
    directory = resolved(components.dropLast())
    occupant = resolved(components[...])
  }

  /// Takes a commit in, and notes of an object that has the path no more that this was its last, and of what came
  /// and went there that it did.
  mutating func follow(_ commit: Commit, _ found: inout PathOccupants.Found) {
    let before = occupant
    apply(commit.changes)
    if let before, before != occupant { found.last[before] = commit.cursor.sequence }
    guard let directory, let name = components.last else { return }
    let isPassed = commit.attribution.transients.contains { $0.parent == directory && $0.name.bytes == name }
    if isPassed { found.passed[commit.cursor.sequence] = directory }
  }

  /// What has the name of one of the path's components in any of some directories.
  func holders(at level: Int, in directories: Set<ObjectID>) -> Set<ObjectID> {
    Set(directories.compactMap { holders[level][$0] })
  }

  /// The changes of names that are components of the path.
  private mutating func find(_ changes: ChangeSet) {
    found.removeAll(keepingCapacity: true)
    changes.bytes.withUnsafeBytes { bytes in
      for object in changes.objects {
        for change in changes.links(of: object) {
          for (level, component) in components.enumerated()
          where component.count == Int(change.name.count)
            && memcmp(bytes.baseAddress! + Int(change.name.offset), component, component.count) == 0
          {
            found.append((object.id, level, change))
          }
        }
      }
    }
  }

  /// What the front of the path leads to.
  private func resolved(_ front: ArraySlice<[UInt8]>) -> ObjectID? {
    if components.isEmpty { return nil }
    var directory = ObjectID.root
    for level in front.indices {
      guard let next = holders[level][directory] else { return nil }
      directory = next
    }
    return directory
  }
}
