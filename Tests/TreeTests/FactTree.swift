import LinuxSystem
import Tree

/// A tree as a table of facts, and the net change from one to another by looking at both.
struct FactTree {
  struct Node: Equatable {
    var isDirectory: Bool
    var links: Set<Link>
    var attributes: Int64 = 0
    var extended: Int64 = 0
    var content: Int64 = 0
    var isSettled = true
    /// The step in which anything of it changed last.
    var changed: Int64
  }

  var nodes: [ObjectID: Node] = [:]
  private var step: Int64 = 0
  private var nextID: UInt64 = 2

  init() {}

  /// Changes this and that. No value comes back: whatever is said to change differs.
  mutating func change(_ random: inout PlannerRandom) {
    step += 1
    for id in nodes.keys.sorted() {
      var node = nodes[id]!
      if random.chance(1, of: 6) {
        nodes[id] = nil
        continue
      }
      if random.chance(1, of: 3) { node.links = links(of: id, &random) }
      if random.chance(1, of: 4) { node.attributes = step }
      if random.chance(1, of: 5) { node.extended = step }
      if !node.isDirectory {
        if random.chance(1, of: 4) {
          node.content = step
          node.isSettled = random.chance(1, of: 2)
        } else if random.chance(1, of: 3) {
          node.isSettled = true
        }
      }
      if node != nodes[id]! { node.changed = step }
      nodes[id] = node
    }
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      let id = ObjectID(nextID)
      nextID += 1
      let isDirectory = random.chance(1, of: 3)
      nodes[id] = Node(
        isDirectory: isDirectory, links: links(of: id, &random), attributes: step, extended: step,
        content: isDirectory ? 0 : step, isSettled: isDirectory || random.chance(1, of: 2),
        changed: step)
    }
  }

  /// A few names; that two objects may have the same is of no matter here.
  private func links(of id: ObjectID, _ random: inout PlannerRandom) -> Set<Link> {
    var links: Set<Link> = []
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      links.insert(
        Link(
          ObjectID(UInt64.random(in: 1...3, using: &random)),
          Name("\(Int.random(in: 0..<3, using: &random))")))
    }
    return links
  }

  func difference(to other: FactTree) -> ChangeSet {
    var changes = ChangeSet()
    for id in Set(nodes.keys).union(other.nodes.keys).sorted() {
      let (old, new) = (nodes[id], other.nodes[id])
      if old == new { continue }
      var facts: ObjectChange.Facts = []
      let last = (new ?? old)!
      var change = ObjectChange(
        id: id, facts: [],
        attributes: Attributes(
          mode: last.isDirectory ? 0o040_755 : 0o100_644, uid: 0, gid: 0,
          modified: Timestamp(seconds: last.attributes, nanoseconds: 0)),
        changed: Timestamp(seconds: last.changed, nanoseconds: 0), drainedSeconds: last.changed,
        firstLink: UInt32(changes.links.count))
      if let new {
        if let old {
          if old.attributes != new.attributes { facts.insert(.attributes) }
          if old.extended != new.extended { facts.insert(.extendedAttributes) }
        } else {
          facts.insert(.created)
          change.target = changes.store(Array("target \(id.rawValue)".utf8))
        }
        if !new.isDirectory, old?.content != new.content || old?.isSettled != new.isSettled {
          facts.insert(new.isSettled ? .content : .unsettled)
        }
        if !facts.isDisjoint(with: [.created, .content, .unsettled]) {
          change.key = changes.store(Array("key \(id.rawValue)".utf8))
        }
        if !facts.isDisjoint(with: [.created, .extendedAttributes]) {
          change.extendedAttributes = changes.store(Array("x \(new.extended)".utf8))
        }
      } else {
        facts = .removed
      }
      for (links, isGained) in [
        ((old?.links ?? []).subtracting(new?.links ?? []), false),
        ((new?.links ?? []).subtracting(old?.links ?? []), true),
      ] {
        for link in links {
          changes.links.append(
            LinkChange(parent: link.parent, name: changes.store(link.name.bytes), isGained: isGained))
        }
      }
      change.facts = facts
      change.linkCount = UInt32(changes.links.count) - change.firstLink
      changes.objects.append(change)
    }
    return changes
  }
}

/// All that a change set says of one object, apart from where it says it.
struct Facts: Equatable {
  var facts: ObjectChange.Facts
  var attributes: Attributes?
  var changed: Timestamp?
  var drainedSeconds: Int64?
  var lost: Set<Link>
  var gained: Set<Link>
  var key: [UInt8]
  var target: [UInt8]
  var extended: [UInt8]

  static func all(_ set: ChangeSet) -> [ObjectID: Facts] {
    var all: [ObjectID: Facts] = [:]
    for change in set.objects {
      let links = set.links(of: change)
      // What a removed object was last is not the same seen from further back.
      let isThere = !change.facts.contains(.removed)
      precondition(all[change.id] == nil, "no object stands twice in a set")
      all[change.id] = Facts(
        facts: change.facts, attributes: isThere ? change.attributes : nil,
        changed: isThere ? change.changed : nil,
        drainedSeconds: isThere ? change.drainedSeconds : nil,
        lost: Set(links.filter { !$0.isGained }.map { set.link($0) }),
        gained: Set(links.filter(\.isGained).map { set.link($0) }), key: set.array(change.key),
        target: set.array(change.target), extended: set.array(change.extendedAttributes))
    }
    return all
  }

  /// Whether a set holds nothing that no object refers to.
  static func isTight(_ set: ChangeSet) -> Bool {
    var (links, bytes) = (0, 0)
    for change in set.objects {
      links += Int(change.linkCount)
      bytes += Int(change.key.count + change.target.count + change.extendedAttributes.count)
      for link in set.links(of: change) { bytes += Int(link.name.count) }
    }
    return links == set.links.count && bytes == set.bytes.count
  }
}
