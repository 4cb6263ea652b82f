import LinuxSystem
import Testing
import TestSupport
import Tree

@Suite struct ComposeTests {
  @Test func composingTheStepsGivesTheChangeOverAll() {
    let seed = Thoroughness.seed()
    let rounds = Thoroughness.isFull ? 200_000 : 5_000
    print("composingTheStepsGivesTheChangeOverAll: TREELINE_SEED=\(seed), \(rounds) rounds")
    for round in 0..<rounds {
      var random = PlannerRandom(seed: seed &+ UInt64(round))
      var trees = [FactTree()]
      trees[0].change(&random)
      for _ in 0..<4 {
        trees.append(trees.last!)
        trees[trees.count - 1].change(&random)
      }
      let steps = (1..<trees.count).map { trees[$0 - 1].difference(to: trees[$0]) }
      let (a, b, c) = (steps[0], steps[1], steps[2])
      let two = Facts.all(compose(a, b))
      let isRight =
        two == Facts.all(trees[0].difference(to: trees[2]))
        && Facts.all(compose(compose(a, b), c)) == Facts.all(compose(a, compose(b, c)))
        && Facts.all(compose(ChangeSet(), a)) == Facts.all(a)
        && Facts.all(compose(a, ChangeSet())) == Facts.all(a)
      var composer = ChangeComposer()
      for step in steps { composer.add(step) }
      let isFew = composer.objectCount
      let all = composer.finish()
      guard isRight, isFew == all.objects.count, Facts.isTight(all),
        Facts.all(all) == Facts.all(trees[0].difference(to: trees.last!))
      else {
        Issue.record("TREELINE_SEED=\(seed &+ UInt64(round))")
        return
      }
    }
  }

  @Test func thereAndBackIsNothing() {
    var random = PlannerRandom(seed: 1)
    var tree = FactTree()
    tree.change(&random)
    let away = FactTree().difference(to: tree)
    let back = tree.difference(to: FactTree())
    #expect(!away.isEmpty)
    #expect(compose(away, back).isEmpty)
  }

  @Test func aFileOfThousandsOfNamesIsComposedByTable() {
    var trees = [FactTree(), FactTree(), FactTree()]
    for (number, range) in [0..<2_000, 500..<3_000, 1_000..<4_000].enumerated() {
      trees[number].nodes[ObjectID(2)] = FactTree.Node(
        isDirectory: false, links: Set(range.map { Link(.root, Name("\($0)")) }),
        changed: Int64(number))
    }
    let steps = compose(trees[0].difference(to: trees[1]), trees[1].difference(to: trees[2]))
    #expect(Facts.all(steps) == Facts.all(trees[0].difference(to: trees[2])))
  }

  @Test func contentStillOwedIsFoundAfterItsNameWentAndCameBack() {
    var (owed, went, came) = (ChangeSet(), ChangeSet(), ChangeSet())
    owed.objects = [change(.content)]
    went.links = [LinkChange(parent: .root, name: went.store([97]), isGained: false)]
    came.links = [LinkChange(parent: .root, name: came.store([97]), isGained: true)]
    went.objects = [change([])]
    went.objects[0].linkCount = 1
    came.objects = [change([])]
    came.objects[0].linkCount = 1
    came.objects[0].changed = Timestamp(seconds: 9, nanoseconds: 0)
    let all = compose(owed, compose(went, came))
    #expect(all.objects[0].facts == .content && all.links.isEmpty)
    #expect(all.objects[0].stamp.changed.seconds == 9)
  }

  @Test func whatBecomesUnsettledIsNotCopiedAsItWas() {
    var (a, b) = (ChangeSet(), ChangeSet())
    a.objects = [change(.content)]
    b.objects = [change(.unsettled)]
    #expect(compose(a, b).objects[0].facts == .unsettled)
    #expect(compose(b, a).objects[0].facts == .content)
  }

  @Test func whatIsRemovedAndCreatedIsKeptAndSuspect() {
    var (a, b) = (ChangeSet(), ChangeSet())
    a.objects = [change(.removed)]
    a.links = [LinkChange(parent: .root, name: a.store([97]), isGained: false)]
    a.objects[0].linkCount = 1
    b.objects = [change([.created])]
    b.links = [LinkChange(parent: .root, name: b.store([98]), isGained: true)]
    b.objects[0].linkCount = 1
    let both = compose(a, b)
    #expect(both.objects[0].facts == [.attributes, .extendedAttributes, .unsettled])
    #expect(both.links(of: both.objects[0]).map(\.isGained) == [false, true])
  }

  @Test func manySmallSetsLeaveNoWaste() {
    var composer = ChangeComposer()
    for number in 0..<20_000 {
      var step = ChangeSet()
      let (old, new) = (step.store(Array("\(number)".utf8)), step.store(Array("\(number + 1)".utf8)))
      step.links = [
        LinkChange(parent: .root, name: old, isGained: false),
        LinkChange(parent: .root, name: new, isGained: true),
      ]
      step.objects = [change(.attributes)]
      step.objects[0].linkCount = 2
      composer.add(step)
    }
    #expect(composer.residentBytes < 1 << 20)
    let all = composer.finish()
    #expect(all.links.map { all.array($0.name) } == [Array("0".utf8), Array("20000".utf8)])
  }

  private func change(_ facts: ObjectChange.Facts) -> ObjectChange {
    ObjectChange(
      id: ObjectID(2), facts: facts,
      attributes: Attributes(mode: 0o100_644, uid: 0, gid: 0, modified: .zero), changed: .zero)
  }
}
