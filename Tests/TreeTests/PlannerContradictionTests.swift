import Testing
import TestSupport
import Tree

/// A damaged or hostile journal can ask for trees that are none.
@Suite struct PlannerContradictionTests {
  private struct RandomContext: PlanContext {
    let parents: [ObjectID: ObjectID]
    func parent(of directory: ObjectID) -> ObjectID? { parents[directory] }
  }

  @Test func whatIsNoTreeStillEndsInAPlan() {
    let seed = Thoroughness.seed()
    print("whatIsNoTreeStillEndsInAPlan: TREELINE_SEED=\(seed)")
    var random = PlannerRandom(seed: seed)
    for _ in 0..<10_000 {
      func id() -> ObjectID {
        random.chance(1, of: 12) ? .park : ObjectID(UInt64.random(in: 1...8, using: &random))
      }
      func links() -> [Link] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
          switch Int.random(in: 0..<8, using: &random) {
          case 0: .staged(id())
          case 1: .parked(id())
          default: Link(id(), Name("\(Int.random(in: 0..<2, using: &random))"))
          }
        }
      }
      let objects = (0..<Int.random(in: 0...10, using: &random)).map { _ in
        PlanObject(
          id: id(), isDirectory: random.chance(1, of: 2), current: links(), final: links(),
          isKept: random.chance(1, of: 4), isStaged: random.chance(1, of: 3),
          needsAttributes: random.chance(1, of: 3))
      }
      var parents: [ObjectID: ObjectID] = [:]
      for _ in 0..<8 { parents[id()] = id() }
      let verbs = plan(objects, in: RandomContext(parents: parents))
      #expect(verbs.count <= 8 * 16 + objects.count * 16)
    }
  }

  @Test func aNameThatTwoMustHaveIsRefusedToOne() {
    let a = Link(.root, Name("a"))
    let objects = [2, 3].map {
      PlanObject(
        id: ObjectID($0), isDirectory: false, current: [Link(.root, Name("\($0)"))], final: [a])
    }
    let verbs = plan(objects, in: RandomContext(parents: [:]))
    // The destination answers the second with EEXIST, and leaves out what else was to be done.
    #expect(
      verbs.prefix(2) == [
        .move(ObjectID(2), from: objects[0].current[0], to: a, over: false),
        .link(ObjectID(3), from: objects[1].current[0], to: a, over: false),
      ])
  }
}
