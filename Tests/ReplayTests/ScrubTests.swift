import Foundation
import LinuxSystem
import Replay
import TestSupport
import Testing

/// A scrub finds what is wrong at a destination, whatever was done to it and to its own notes.
@Suite struct ScrubTests {
  private static var keeping: ReplayOptions {
    var options = ReplayOptions()
    options.versionSeconds = 30 * 86_400
    return options
  }

  /// Scrubs, repairing through a replayer that is let go of each time.
  private func scrub(
    _ scene: Scene, verbs: Int? = nil, withSource: Bool = true, onInterrupted: () -> Void = {}
  ) throws -> [ScrubFinding] {
    var found: [ScrubFinding] = []
    var failure: (any Error)?
    let scrub = try DestinationScrub(
      Array(scene.destination.utf8), journal: Array(scene.journal.utf8),
      source: withSource ? try Descriptor.open(path: scene.source, O_RDONLY | O_DIRECTORY) : nil,
      grafts: { .empty },
      repair: { suspects in
        do {
          let replayer = try scene.replayer(Self.keeping)
          replayer.verbsUntilInterruption = verbs
          return try replayer.repair(suspects)
        } catch {
          failure = error
          return suspects.map { _ in .left("\(error)") }
        }
      },
      onFinding: { found.append($0) }, onProgress: { _, _ in true })
    #expect(try scrub.run())
    if let failure {
      guard case .interrupted = failure as? ReplayError else { throw failure }
      onInterrupted()
    }
    return found
  }

  private func made(_ scene: Scene) throws {
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
  }

  @Test func flagsThatDifferAreFoundAndRepaired() throws {
    if let reason = Filesystem.reasonToSkip(.ext4) { return announceSkip("flags in a scrub", because: reason) }
    let filesystem = try Filesystem(.ext4)
    let scene = try Scene(in: filesystem.root)
    try scene.change("mkdir d; echo f >d/f; echo g >g; echo h >h; chattr +i d/f d; chattr +d g")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    #expect(try scrub(scene).isEmpty)
    try scene.meddle("chattr -i d/f d; chattr -d g; chattr +a h")
    #expect(try difference(between: scene.source, and: scene.destination) != nil)
    #expect(try !scrub(scene).isEmpty)
    #expect(try difference(between: scene.source, and: scene.destination) == nil)
    // What is put aside comes out of a directory that forbids it.
    try scene.meddle("chattr -i d; echo x >d/foreign; touch -r ../source/d d; chattr +i d")
    #expect(try !scrub(scene).isEmpty)
    #expect(try difference(between: scene.source, and: scene.destination) == nil)
    #expect(try scrub(scene).isEmpty)
  }

  @Test func nothingIsFoundWhereNothingIsWrong() throws {
    let scene = try Scene()
    try made(scene)
    for round in 0..<3 { #expect(try scrub(scene).isEmpty, "round \(round)") }
    // What the next commits change is no finding either.
    try scene.change("echo more >added; mkdir -p x/y; for f in *; do [ -f \"$f\" ] && touch \"$f\" || :; done")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    #expect(try scrub(scene).isEmpty)
    try scene.expectEqual()
  }

  @Test func aRepairThatIsKilledIsDoneByTheNextScrub() throws {
    let scene = try Scene()
    try scene.change("mkdir -p a/b; echo 1 >a/b/f; echo 2 >a/g; ln a/g a/h; echo 3 >k; ln -s k s")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    #expect(try scrub(scene).isEmpty)
    let before = "\(scene.destination).before"
    try scene.meddle("rm -r a/b; rm a/h; echo other >a/h; echo own >k; chmod 600 a/g; ln -sfn other s; echo x >foreign")
    try succeed(["cp", "-a", scene.destination, before])
    var verbs = 0
    var isOver = false
    while !isOver {
      try succeed(["rm", "-rf", scene.destination])
      try succeed(["cp", "-a", before, scene.destination])
      isOver = true
      let found = try scrub(scene, verbs: verbs) { isOver = false }
      #expect(!found.isEmpty)
      if !isOver {
        #expect(try scene.replay(Self.keeping) == [])
        _ = try scrub(scene)
      }
      try scene.expectEqual()
      #expect(try scrub(scene).isEmpty, "killed before verb \(verbs)")
      verbs += 1
    }
    #expect(verbs > 5)
  }

  @Test func whatTheSourceHasNotAnyMoreIsNotTakenForRight() throws {
    let scene = try Scene()
    try scene.change("echo first >f; echo second >g")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    #expect(try scrub(scene).isEmpty)
    try scene.meddle("touch -r f stamp; echo wrong >f; touch -r stamp f; rm stamp")
    try scene.change("echo newer >f")
    // The directory's time moved as well.
    let first = try scrub(scene).map(\.what)
    #expect(Set(first) == [.edited, .attributes], "\(first)")
    let second = try scrub(scene).map(\.what)
    #expect(second.contains(.edited), "\(second)")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    try scene.expectEqual()
    // What was wrong is all that is left of the former state: that it is so stays known.
    let left = try scrub(scene)
    #expect(left.allSatisfy { $0.path.starts(with: ".treeline/versions/".utf8) }, "\(left)")
  }

  @Test func notesThatAreDamagedCostOnlyAnotherReading() throws {
    let scene = try Scene()
    try scene.change("seq 300 | while read n; do echo \"file $n\" >$n; done")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    #expect(try scrub(scene).isEmpty)
    let path = "\(scene.destination)/.treeline/scrub/read"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(whole.count == 64 + 4096 * 3)
    let seed = Thoroughness.seed()
    var random = SeededGenerator(seed)
    for round in 0..<40 {
      var bytes = whole
      switch round % 3 {
      case 0: bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))
      default:
        // Blocks that are sound and not in their places.
        bytes = bytes.prefix(64) + bytes[(64 + 4096)..<(64 + 8192)] + bytes[64..<(64 + 4096)]
      }
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(try scrub(scene).isEmpty, "TREELINE_SEED=\(seed), round \(round)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).dropFirst(64) == whole.dropFirst(64))
    }
    try succeed(["rm", path])
    try succeed(["mkfifo", path])
    #expect(try scrub(scene).isEmpty)
  }
}

/// SplitMix64, so that a seed gives the same test everywhere.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
