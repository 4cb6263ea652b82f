import Replay
import TestSupport
import Testing

@Suite struct InterruptionTests {
  /// Killed at each verb of a rich change in turn, the next run ends exact.
  @Test(arguments: scripts)
  func aRunKilledAtAnyVerbIsFinishedByTheNext(script: String) throws {
    let scene = try Scene()
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    try scene.replay()
    let before = "\(scene.destination).before"
    try succeed(["cp", "-a", scene.destination, before])
    try scene.change(script)
    try scene.recorder.commit()
    var verbs = 0
    while true {
      try succeed(["rm", "-rf", scene.destination])
      try succeed(["cp", "-a", before, scene.destination])
      let killed = try scene.replayer()
      killed.verbsUntilInterruption = verbs
      do {
        while try killed.step().hasMore {}
        break
      } catch .interrupted {
        let again = try scene.secondKill(verbs)
        #expect(try scene.replay() == [], "killed before verb \(verbs), again: \(again)")
        try scene.expectEqual()
      }
      verbs += 1
    }
    #expect(verbs > 2)
  }

  @Test func aFirstRunKilledAtAnyVerbIsFinishedByTheNext() throws {
    let scene = try Scene()
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    var verbs = 0
    while true {
      try succeed(["rm", "-rf", scene.destination])
      try succeed(["mkdir", scene.destination])
      let killed = try scene.replayer()
      killed.verbsUntilInterruption = verbs
      do {
        while try killed.step().hasMore {}
        break
      } catch .interrupted {
        _ = try scene.secondKill(verbs)
        #expect(try scene.replay() == [], "killed before verb \(verbs)")
        try scene.expectEqual()
      }
      verbs += 3
    }
  }

  static let scripts = [
    "mv a t; mv d a; mv t d; rm -r 'sp ace'; mkdir n; mv d/b n; ln a/big n/big2; printf m >>d/file; rm .treeline/in",
    "mv a/b t; mv a t/a; mv t b; printf x >b/a/file; rm -r d; printf d >d; mkdir -p q/r; ln -s x q/r/l",
    "rm -rf ./* .treeline*", "mkdir x; for i in 1 2 3; do printf $i >x/$i; ln x/$i a/$i; done; chmod 711 x a",
    "mv a/file t; mv d/big a/file; mv t d/big; mv a/b d/b; touch -d 2001-01-01 a d",
  ]
}

extension Scene {
  /// Kills the recovery as well, every other time.
  func secondKill(_ verbs: Int) throws -> Bool {
    guard verbs % 2 == 1 else { return false }
    let killed = try replayer()
    killed.verbsUntilInterruption = verbs / 2
    do {
      while try killed.step().hasMore {}
      return false
    } catch .interrupted {
      return true
    }
  }
}
