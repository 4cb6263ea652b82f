import Testing
import TestSupport
import Tree

@Suite struct PlannerTests {
  @Test func everyVerbIsLegalAndTheTreeIsExact() {
    let seed = Thoroughness.seed()
    let rounds = Thoroughness.isFull ? 500_000 : 20_000
    print("everyVerbIsLegalAndTheTreeIsExact: TREELINE_SEED=\(seed), \(rounds) rounds")
    var verbCount = 0
    var parkedCount = 0
    for round in 0..<rounds {
      var random = PlannerRandom(seed: seed &+ UInt64(round))
      let scene = PlannerScene(&random)
      let verbs = plan(scene.objects, in: scene)
      verbCount += verbs.count
      do {
        parkedCount += try Self.check(verbs, scene)
      } catch {
        Issue.record("TREELINE_SEED=\(seed &+ UInt64(round)): \(error)\n\(Self.text(scene, verbs))")
        return
      }
    }
    print("\(verbCount) verbs, \(parkedCount) of them into the park")
  }

  /// Performs the verbs and compares; gives how many went into the park.
  static func check(_ verbs: [Verb], _ scene: PlannerScene) throws -> Int {
    var model = PlannerDestination(kinds: scene.kinds)
    for (id, links) in scene.before { for link in links { model.add(id, at: link) } }
    let listed = Dictionary(uniqueKeysWithValues: scene.objects.map { ($0.id, $0) })
    var expected: [Link: PlannerDestination.Inode] = [:]
    for id in scene.kinds.keys {
      guard let object = listed[id] else {
        for link in scene.before[id] ?? [] { expected[link] = .init(id: id) }
        continue
      }
      if object.current.isEmpty && !object.isDirectory && !object.isStaged { continue }
      let final = object.final.isEmpty && object.isKept ? [.parked(id)] : object.final
      let isNew = object.isDirectory ? object.current.isEmpty : object.isStaged
      for link in final { expected[link] = .init(id: id, isNew: isNew) }
    }
    for (link, inode) in expected where !model.isDirectory(inode.id) {
      if let old = model.names[link], !model.isDirectory(old.id) { model.lasting.insert(link) }
    }
    for (number, verb) in verbs.enumerated() {
      do { try model.perform(verb) } catch let refusal as PlannerDestination.Refusal {
        throw PlannerDestination.Refusal(
          description: "verb \(number), \(verb): \(refusal.description)")
      }
    }
    guard model.names == expected else {
      throw PlannerDestination.Refusal(description: "the trees differ")
    }
    let unsettled = model.touched.filter { !(scene.kinds[$0] == false) }
    guard unsettled.isEmpty else {
      throw PlannerDestination.Refusal(description: "times are wrong of \(unsettled)")
    }
    for object in scene.objects where object.needsAttributes {
      let isThere = object.id == .root || expected.values.contains { $0.id == object.id }
      guard (model.settled[object.id] != nil) == (isThere && !(object.isStaged && !object.isDirectory))
      else { throw PlannerDestination.Refusal(description: "attributes of \(object.id)") }
    }
    guard model.settled.values.allSatisfy({ $0 == 1 }) else {
      throw PlannerDestination.Refusal(description: "attributes are set twice")
    }
    return model.parkedCount
  }

  static func text(_ scene: PlannerScene, _ verbs: [Verb]) -> String {
    func text(_ link: Link) -> String {
      let parent = link.parent == .park ? "park" : "\(link.parent.rawValue)"
      return "\(parent)/\(String(decoding: link.name.bytes, as: UTF8.self))"
    }
    var lines = scene.objects.map { object in
      "\(object.id.rawValue) \(object.isDirectory ? "dir" : "file")"
        + " \(object.current.map(text)) -> \(object.final.map(text))"
        + (object.isKept ? " kept" : "") + (object.isStaged ? " staged" : "")
    }
    for verb in verbs {
      switch verb {
      case .stage(let id): lines.append("stage \(id.rawValue)")
      case .move(let id, let from, let to, let over):
        lines.append("move \(id.rawValue) \(text(from)) \(text(to)) \(over ? "over" : "")")
      case .link(let id, let from, let to, let over):
        lines.append("link \(id.rawValue) \(text(from)) \(text(to)) \(over ? "over" : "")")
      case .unlink(let id, let link): lines.append("unlink \(id.rawValue) \(text(link))")
      case .removeDirectory(let id, let link): lines.append("rmdir \(id.rawValue) \(text(link))")
      case .setAttributes(let id): lines.append("set \(id.rawValue)")
      }
    }
    return lines.joined(separator: "\n")
  }
}

/// No directory outside the plan is asked for.
private struct NoContext: PlanContext {
  func parent(of directory: ObjectID) -> ObjectID? { nil }
}

extension PlannerTests {
  private func link(_ parent: UInt64, _ name: String) -> Link { Link(ObjectID(parent), Name(name)) }

  private func file(_ id: UInt64, _ current: [Link], _ final: [Link], isStaged: Bool = false)
    -> PlanObject
  {
    PlanObject(
      id: ObjectID(id), isDirectory: false, current: current, final: final, isStaged: isStaged)
  }

  private func directory(_ id: UInt64, _ current: Link?, _ final: Link?) -> PlanObject {
    PlanObject(
      id: ObjectID(id), isDirectory: true, current: current.map { [$0] } ?? [],
      final: final.map { [$0] } ?? [])
  }

  @Test func aWholeDirectoryMovesInOneRename() {
    let verbs = plan([directory(2, link(1, "a"), link(1, "b"))], in: NoContext())
    #expect(
      verbs == [
        .move(ObjectID(2), from: link(1, "a"), to: link(1, "b"), over: false),
        .setAttributes(.root), .setAttributes(ObjectID(2)),
      ])
  }

  @Test func aSwapOfFilesNeverLeavesANameMissing() {
    let (a, b) = (link(1, "a"), link(1, "b"))
    let (x, y) = (ObjectID(2), ObjectID(3))
    let verbs = plan([file(2, [a], [b]), file(3, [b], [a])], in: NoContext())
    #expect(
      verbs == [
        .link(x, from: a, to: .parked(x), over: false),
        .link(y, from: b, to: a, over: true),
        .move(x, from: .parked(x), to: b, over: true),
        .setAttributes(.root),
      ])
  }

  @Test func aFileSavedByRenamingKeepsItsNameThroughout() {
    let verbs = plan(
      [file(2, [link(1, "a")], [link(1, "a~")]), file(3, [], [link(1, "a")], isStaged: true)],
      in: NoContext())
    #expect(
      verbs == [
        .stage(ObjectID(3)),
        .link(ObjectID(2), from: link(1, "a"), to: link(1, "a~"), over: false),
        .move(ObjectID(3), from: .staged(ObjectID(3)), to: link(1, "a"), over: true),
        .setAttributes(.root),
      ])
  }

  @Test func aChainOfDirectoriesIsPlacedWithoutTheStack() {
    // Each directory turns from the child of one into its parent.
    let depth: UInt64 = 100_000
    let objects = (0..<depth).map { level in
      directory(
        level + 2, link(level + 1, "d"), link(level + 1 == depth ? 1 : level + 3, "d"))
    }
    let start = ContinuousClock.now
    let verbs = plan(objects, in: NoContext())
    print("100,000 levels inverted: \(verbs.count) verbs in \(ContinuousClock.now - start)")
    #expect(verbs.count { if case .move = $0 { true } else { false } } == Int(depth) + 1)
  }

  @Test func aHundredThousandObjectsAreNoMatter() {
    // Every file takes the name of the next: one cycle through them all.
    let count: UInt64 = 100_000
    let objects = (0..<count).map { number in
      file(
        number + 2, [link(1, "\(number)")], [link(1, "\((number + 1) % count)")],
        isStaged: false)
    }
    let start = ContinuousClock.now
    let verbs = plan(objects, in: NoContext())
    print("100,000 names in a cycle: \(verbs.count) verbs in \(ContinuousClock.now - start)")
    #expect(verbs.count == Int(count) + 2)
  }

  @Test func aFileOfTenThousandNamesIsNoMatter() {
    let count = 10_000
    let objects = [
      file(
        2, (0..<count).map { link(1, "a\($0)") }, (0..<count).map { link(1, "b\($0)") })
    ]
    let verbs = plan(objects, in: NoContext())
    #expect(verbs.count == count + 1)
  }
}
