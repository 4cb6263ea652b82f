import Foundation
import LinuxSystem
import Replay
import TestSupport
import Testing

@Suite struct InterruptionTests {
  /// A scene on a fresh filesystem, or among temporary files; nil, and said, where there cannot be one.
  private func scene(at place: Filesystem.Kind?) throws -> (Scene, Filesystem?)? {
    if let place, let reason = Filesystem.reasonToSkip(place) {
      announceSkip("interruptions on \(place)", because: reason)
      return nil
    }
    let filesystem = try place.map { try Filesystem($0, bytes: 512 << 20) }
    return (try Scene(in: filesystem?.root), filesystem)
  }

  /// Killed at each verb of a rich change in turn, the next run ends exact.
  @Test(arguments: Thoroughness.places, scripts)
  func aRunKilledAtAnyVerbIsFinishedByTheNext(place: Filesystem.Kind?, script: String) throws {
    guard let (scene, filesystem) = try scene(at: place) else { return }
    defer { withExtendedLifetime(filesystem) {} }
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

  @Test(arguments: Thoroughness.places)
  func aFirstRunKilledAtAnyVerbIsFinishedByTheNext(place: Filesystem.Kind?) throws {
    guard let (scene, filesystem) = try scene(at: place) else { return }
    defer { withExtendedLifetime(filesystem) {} }
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    var verbs = 0
    while true {
      try succeed(["rm", "-rf", scene.destination])
      try succeed(["mkdir", scene.destination])
      // A new destination, and not the place of one that is away.
      try succeed(["rm", "-f", "\(scene.journal)/destinations"])
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

  /// What a destination has applied for months does not fill it, and what is left of its log is enough
  /// to recover.
  @Test func theDestinationsLogDoesNotGrowForEver() throws {
    let scene = try Scene()
    var options = ReplayOptions()
    options.historyBytes = 64 << 10
    options.sync = .none
    try scene.change("for i in $(seq 300); do echo $i > f$i; done")
    try scene.recorder.commit()
    let log = "\(scene.destination)/.treeline/history"
    func size() throws -> Int {
      let files = try FileManager.default.contentsOfDirectory(atPath: log)
      return try files.filter { $0.hasSuffix(".tlj") }.reduce(0) {
        $0 + (try FileManager.default.attributesOfItem(atPath: "\(log)/\($1)")[.size] as? Int ?? 0)
      }
    }
    var largest = 0
    var replayer = try scene.replayer(options)
    for round in 0..<60 {
      try scene.change("touch -d @\(round * 1000).5 f*; mv f\(round + 1) g\(round + 1)")
      try scene.recorder.commit()
      if round % 20 == 19 {
        // Killed with a plan begun: the next one reads the log.
        replayer.verbsUntilInterruption = 2
        #expect(throws: ReplayError.self) { while try replayer.step().hasMore {} }
        replayer = try scene.replayer(options)
      }
      while try replayer.step().hasMore {}
      try replayer.idle()
      largest = max(largest, try size())
    }
    try scene.expectEqual()
    #expect(largest < 3 * 64 << 10, "\(largest) bytes")
    #expect(access("\(log)/OLDEST", F_OK) == 0, "nothing was dropped")
  }

  /// A power cut may take a commit whose plan was written down at the destination already: no verb was
  /// done for it, and the destination goes on from the commit before.
  @Test func aPlanWhoseCommitIsLostIsForgotten() throws {
    let scene = try Scene()
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    try scene.replay()
    let older = "\(scene.journal).older"
    try succeed(["cp", "-a", scene.journal, older])
    let before = "\(scene.destination).before"
    try succeed(["cp", "-a", scene.source, before])
    try scene.change(Self.scripts[0])
    try scene.recorder.commit()
    let killed = try scene.replayer()
    killed.verbsUntilInterruption = 0
    #expect(throws: ReplayError.self) { while try killed.step().hasMore {} }
    for _ in 0..<2 {
      let again = try scene.replayer(journal: older)
      while try again.step().hasMore {}
      #expect(again.exceptions.isEmpty)
    }
    #expect(try difference(between: before, and: scene.destination) == nil)
    #expect(try scene.replay() == [])
    try scene.expectEqual()
  }

  /// Where verbs were done for a commit that the journal does not hold, all is compared.
  @Test func aPlanThatWasBegunForACommitOfAnotherCourseIsCompared() throws {
    let scene = try Scene()
    try scene.change("mkdir d; echo kept >kept; echo old >d/file; echo gone >gone")
    try scene.recorder.commit()
    try scene.replay()
    let older = "\(scene.journal).older"
    try succeed(["cp", "-a", scene.journal, older])
    try scene.change("mv kept d/kept; rm gone; echo new >new")
    try scene.recorder.commit()
    let killed = try scene.replayer()
    killed.verbsUntilInterruption = 2
    #expect(throws: ReplayError.self) { while try killed.step().hasMore {} }
    do {
      let again = try scene.replayer(journal: older)
      while try again.step().hasMore {}
    }
    #expect(try scene.replay() == [])
    try scene.expectEqual()
  }

  /// Content is staged while the commit is synced; nothing has its name before that is done.
  @Test func nothingIsNamedBeforeItsCommitIsDurable() throws {
    let scene = try Scene()
    try scene.change("echo content >file; mkdir d; echo more >d/file")
    try scene.recorder.commit()
    let destination = scene.destination
    let waits = Guarded<[String]>([])
    var options = ReplayOptions()
    options.waitUntilDurable = { _ in
      let names = try? succeed(["/bin/ls", "-A", destination]).standardOutput
      let park = try? succeed(["/bin/ls", "-A", "\(destination)/.treeline/park"]).standardOutput
      waits.with { $0 = [names ?? "", park ?? ""] }
      return false
    }
    #expect(throws: ReplayError.self) { try scene.replay(options) }
    #expect(waits.with { $0.first } == ".treeline\n")
    #expect(waits.with { $0.last?.split(separator: "\n").count } == 3)
    #expect(try scene.replay() == [])
    try scene.expectEqual()
  }

  static let scripts = [
    "mv a t; mv d a; mv t d; rm -r 'sp ace'; mkdir n; mv d/b n; ln a/big n/big2; printf m >>d/file; rm .treeline/in",
    "mv a/b t; mv a t/a; mv t b; printf x >b/a/file; rm -r d; printf d >d; mkdir -p q/r; ln -s x q/r/l",
    "rm -rf ./* .treeline*", "mkdir x; for i in 1 2 3; do printf $i >x/$i; ln x/$i a/$i; done; chmod 711 x a",
    "mv a/file t; mv d/big a/file; mv t d/big; mv a/b d/b; touch -d 2001-01-01 a d",
    // New content for what has several names, some of which others get, or which are new.
    """
    printf new >a/file; mv a/file t; mv a/b/hard u; mv d/hard2 v
    mv d/big a/file; mv d/empty a/b/hard; mv a/b/private d/hard2; mv t d/big; mv u d/empty; mv v a/b/private
    """,
    "printf new >a/file; mkdir 0; ln a/file 0/one; mv a/b/hard 0/two; ln d/hard2 0/three; rm d/hard2",
    // New trees, which are made whole before they have a name, and take in what is there already.
    """
    mkdir -p n/m/o; for i in 1 2 3 4 5 6 7 8; do echo $i >n/$i; echo $i >n/m/o/$i; ln n/$i n/m/l$i; done
    ln n/1 a/one; ln n/m/o/2 two; ln -s x n/m/s; mkfifo n/m/o/p; mv d n/m/o/; mv a/file n/m/; chmod 500 n/m
    touch -d 2001-01-01 n/m n/m/o n
    """,
    """
    mv a t; mkdir -p a/in; for i in {1..20}; do echo $i >a/in/$i; done; mv t a/in/a
    mv d/big t; mkdir -p d/big/in; for i in {1..20}; do echo $i >d/big/in/$i; done; mv t d/big/in/big
    """,
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
