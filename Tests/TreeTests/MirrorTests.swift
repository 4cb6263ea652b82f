import LinuxSystem
import TestSupport
import Testing
import Tree

/// The mirror against plain dictionaries, under the same random operations.
@Suite
struct MirrorTests {
  /// What a tree is, as simply as it can be said.
  struct Model {
    struct Object: Equatable {
      var key: ObjectKey
      var attributes: Attributes
      var changed: Timestamp
      var encoded: [UInt8] = []
      var links: Set<Link> = []
      var isDirectory: Bool { attributes.kind == .directory }
    }

    var objects: [ObjectID: Object] = [:]

    func holder(of link: Link) -> ObjectID? { objects.first { $0.value.links.contains(link) }?.key }

    func isInside(_ directory: ObjectID, _ outer: ObjectID) -> Bool {
      var at: ObjectID? = directory
      while let id = at {
        if id == outer { return true }
        at = objects[id]?.links.first?.parent
      }
      return false
    }

    /// Removes an object without names, and what hung on it alone.
    mutating func remove(_ id: ObjectID) {
      objects[id] = nil
      for (other, object) in objects {
        let lost = object.links.filter { $0.parent == id }
        guard !lost.isEmpty else { continue }
        objects[other]!.links.subtract(lost)
        if objects[other]!.links.isEmpty { remove(other) }
      }
    }
  }

  @Test(arguments: 0..<20)
  func itHoldsWhatAPlainModelHolds(round: Int) throws {
    let seed = Thoroughness.seed() &+ UInt64(round)
    print("seed \(seed)")
    var generator = SplitMix(seed)
    let rootKey = Self.key(1)
    let mirror = Mirror(root: rootKey)
    var model = Model()
    var replayed = Model()
    var loader = MirrorLoader(root: rootKey)
    let rootAttributes = Self.attributes(0o40755, &generator)
    mirror.observe(mirror.root, rootAttributes, changed: .zero, drainedSeconds: 3)
    model.objects[.root] = Model.Object(key: rootKey, attributes: rootAttributes, changed: .zero)
    replayed.objects[.root] = model.objects[.root]
    var nextKey: UInt64 = 2
    var changes = ChangeSet()

    for step in 0..<600 {
      Self.change(mirror, &model, &nextKey, &generator)
      guard step % 7 == 6 else { continue }
      Self.expect(mirror, equals: model)
      mirror.takeChanges(into: &changes)
      #expect(Set(changes.objects.map(\.id)).count == changes.objects.count)
      Self.apply(changes, to: &replayed)
      #expect(replayed.objects == model.objects, "what was taken is the difference")
      try loader.apply(changes)
    }
    mirror.takeChanges(into: &changes)
    Self.apply(changes, to: &replayed)
    #expect(replayed.objects == model.objects)
    try loader.apply(changes)
    Self.expect(loader.finish(nextID: .first), equals: model)

    var fromCheckpoint = MirrorLoader(root: rootKey)
    var failure: LoadError? = nil
    mirror.forEachChunk(objects: 13) { chunk in
      do throws(LoadError) { try fromCheckpoint.apply(chunk) } catch { failure = error }
    }
    #expect(failure == nil)
    Self.expect(fromCheckpoint.finish(nextID: .first), equals: model)
  }

  // MARK: Operations

  private static func change(
    _ mirror: Mirror, _ model: inout Model, _ nextKey: inout UInt64,
    _ generator: inout SplitMix
  ) {
    let ids = model.objects.keys.sorted()
    let directories = ids.filter { model.objects[$0]!.isDirectory }
    let id = ids.randomElement(using: &generator)!
    let target = Link(
      directories.randomElement(using: &generator)!,
      Name("n\(Int.random(in: 0..<12, using: &generator))"))
    let isFree = model.holder(of: target) == nil
    switch Int.random(in: 0..<10, using: &generator) {
    case 0, 1, 2:
      guard isFree else { return }
      let mode: UInt32 = Bool.random(using: &generator) ? 0o40700 : 0o100600
      let key = key(nextKey)
      nextKey += 1
      let node = mirror.add(key: key)
      let attributes = attributes(mode, &generator)
      let time = Timestamp(seconds: Int64(nextKey), nanoseconds: 5)
      mirror.observe(node, attributes, changed: time, drainedSeconds: 9)
      model.objects[mirror.id(node)] = Model.Object(
        key: key, attributes: attributes, changed: time, links: [target])
      #expect(link(mirror, node, target, model) == .linked)
    case 3:
      guard isFree, id != .root, !model.objects[id]!.isDirectory else { return }
      #expect(link(mirror, node(mirror, id, model), target, model) == .linked)
      model.objects[id]!.links.insert(target)
    case 4, 5:
      guard let lost = model.objects[id]!.links.randomElement(using: &generator) else { return }
      unlink(mirror, lost, model)
      model.objects[id]!.links.remove(lost)
    case 6:
      // A directory moves, with all in it, or would come to lie in itself.
      guard isFree, id != .root, model.objects[id]!.isDirectory else { return }
      let node = node(mirror, id, model)
      if model.isInside(target.parent, id) {
        if let old = model.objects[id]!.links.first {
          unlink(mirror, old, model)
          model.objects[id]!.links = []
        }
        #expect(link(mirror, node, target, model) == .wouldCloseCycle)
        return
      }
      if let old = model.objects[id]!.links.first { unlink(mirror, old, model) }
      #expect(link(mirror, node, target, model) == .linked)
      model.objects[id]!.links = [target]
    case 7:
      guard id != .root, model.objects[id]!.links.isEmpty else { return }
      mirror.remove(node(mirror, id, model))
      model.remove(id)
    case 8:
      let kept = model.objects[id]!
      let attributes = attributes(kept.attributes.mode, &generator)
      let time = Timestamp(seconds: kept.changed.seconds + 1, nanoseconds: 0)
      mirror.observe(node(mirror, id, model), attributes, changed: time, drainedSeconds: 9)
      model.objects[id]!.attributes = attributes
      model.objects[id]!.changed = time
    default:
      let encoded: [UInt8] = Bool.random(using: &generator) ? [] : [6] + Array("user.a".utf8) + [1, 0, 0, 0, 7]
      mirror.observe(node(mirror, id, model), encodedAttributes: encoded)
      model.objects[id]!.encoded = encoded
    }
  }

  private static func node(_ mirror: Mirror, _ id: ObjectID, _ model: Model) -> Mirror.Node {
    mirror.node(model.objects[id]!.key)!
  }

  private static func link(
    _ mirror: Mirror, _ node: Mirror.Node, _ link: Link, _ model: Model
  ) -> Mirror.LinkOutcome {
    let directory = self.node(mirror, link.parent, model)
    return link.name.bytes.withUnsafeBytes { mirror.link(node, in: directory, named: $0) }
  }

  private static func unlink(_ mirror: Mirror, _ link: Link, _ model: Model) {
    let directory = node(mirror, link.parent, model)
    let found = link.name.bytes.withUnsafeBytes { mirror.link(in: directory, named: $0) }
    mirror.unlink(found!.place)
  }

  // MARK: Comparison

  private static func expect(_ mirror: Mirror, equals model: Model) {
    #expect(mirror.nodeCount == model.objects.count)
    for (id, object) in model.objects {
      guard let node = mirror.node(object.key) else {
        Issue.record("object \(id) is not in the mirror")
        continue
      }
      let links = mirror.links(of: node).map {
        Link(mirror.id(mirror.parent(of: $0)), mirror.name(of: $0))
      }
      #expect(mirror.id(node) == id)
      #expect(Set(links) == object.links && links.count == object.links.count)
      #expect(mirror.attributes(node) == object.attributes)
      #expect(mirror.changedTime(node) == object.changed)
      #expect(mirror.encodedAttributes(node) == object.encoded)
      for link in object.links {
        let directory = mirror.node(model.objects[link.parent]!.key)!
        #expect(link.name.bytes.withUnsafeBytes { mirror.link(in: directory, named: $0)?.node } == node)
      }
    }
  }

  private static func apply(_ changes: ChangeSet, to model: inout Model) {
    for change in changes.objects {
      if change.facts.contains(.removed) {
        model.objects[change.id] = nil
        continue
      }
      var object =
        model.objects[change.id]
        ?? Model.Object(
          key: changes.key(change.key)!, attributes: change.attributes, changed: change.changed)
      for link in changes.links(of: change) {
        if link.isGained {
          object.links.insert(changes.link(link))
        } else {
          object.links.remove(changes.link(link))
        }
      }
      object.attributes = change.attributes
      object.changed = change.changed
      if !change.facts.isDisjoint(with: [.created, .extendedAttributes]) {
        object.encoded = changes.array(change.extendedAttributes)
      }
      model.objects[change.id] = object
    }
  }

  private static func key(_ number: UInt64) -> ObjectKey {
    withUnsafeBytes(of: number) { ObjectKey(type: 1, bytes: $0) }
  }

  private static func attributes(_ mode: UInt32, _ generator: inout SplitMix) -> Attributes {
    Attributes(
      mode: mode, uid: UInt32.random(in: 0...3, using: &generator), gid: 0,
      sizeBytes: mode >> 12 == 8 ? UInt64.random(in: 0...99, using: &generator) : 0,
      // Also times that do not fit 64 bits of nanoseconds.
      modified: Timestamp(
        seconds: [0, 1, -2_000_000_000, 1 << 40].randomElement(using: &generator)!, nanoseconds: 7))
  }

  struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
