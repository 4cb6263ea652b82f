import LinuxSystem
import Tree

/// The names that came and went within several commits: those that the commits tell of, and those of objects
/// that were made in one of them and removed in a later one, where it is known who did it. A name that came and
/// went often stands there once.
struct PassedNames {
  struct Passed {
    let link: Link
    let isDirectory: Bool
    var acts: [Attribution.Act] = []
  }

  private struct Key: Hashable {
    let link: Link
    let isDirectory: Bool
  }

  /// What is kept of the processes behind them: as much as one commit has of what came and went.
  static let processBytesMax = 1 << 20

  /// In the order in which they were told of first, so many as one commit has at most.
  var names: [Passed] = []
  private var places: [Key: Int] = [:]
  /// The name that objects had last, and in which order they were made.
  private var made: [ObjectID: (order: Int, name: Key)] = [:]
  /// Directories that went, of which something is told.
  private var gone: Set<ObjectID> = []
  private var parents: Set<ObjectID> = []

  /// Takes in one that a commit tells of.
  ///
  /// - Returns: its place; nil where there are too many.
  mutating func add(_ transient: Attribution.Transient) -> Int? {
    add(Key(link: Link(transient.parent, transient.name), isDirectory: transient.isDirectory))
  }

  private mutating func add(_ key: Key) -> Int? {
    if let known = places[key] { return known }
    guard names.count < Attribution.transientCountMax else { return nil }
    places[key] = names.count
    parents.insert(key.link.parent)
    names.append(Passed(link: key.link, isDirectory: key.isDirectory))
    return names.count - 1
  }

  /// Notes an object that is made: it may be removed before the last of the commits.
  mutating func note(_ object: ObjectChange, _ changes: ChangeSet) {
    guard object.facts.contains(.created), let link = changes.links(of: object).last(where: \.isGained) else { return }
    made[object.id] = (
      made.count, Key(link: changes.link(link), isDirectory: object.attributes.kind == .directory)
    )
    parents.insert(link.parent)
  }

  /// Takes in what becomes of the names of objects that were made.
  mutating func follow(_ changes: ChangeSet) {
    guard !parents.isEmpty else { return }
    for object in changes.objects {
      if object.facts.contains(.removed) {
        if parents.contains(object.id) { gone.insert(object.id) }
      } else if let own = made[object.id], let link = changes.links(of: object).last(where: \.isGained) {
        made[object.id] = (own.order, Key(link: changes.link(link), isDirectory: own.name.isDirectory))
        parents.insert(link.parent)
      }
    }
  }

  /// Adds the objects that were made and are not left, and leaves out what stood in a directory that is not left
  /// either: nothing says any more where that was.
  mutating func addPassed(_ acts: [ObjectID: [Attribution.Act]], left: [ObjectChange]) {
    if !made.isEmpty || !gone.isEmpty {
      for object in left {
        made[object.id] = nil
        gone.remove(object.id)
      }
    }
    for (id, own) in made.sorted(by: { $0.value.order < $1.value.order }) {
      guard let at = add(own.name) else { continue }
      for act in acts[id] ?? [] { AttributionComposer.add(act, to: &names[at].acts) }
    }
    let lost = gone
    if !lost.isEmpty { names.removeAll { lost.contains($0.link.parent) } }
  }
}
