import Glibc
import Replay
import Synchronization
import TestSupport
import Testing

@Suite struct AdoptionTests {
  @Test func aForeignDestinationIsRefused() throws {
    let scene = try Scene()
    try scene.change("printf x >f")
    try scene.recorder.commit()
    try scene.meddle("printf mine >f")
    #expect(throws: ReplayError.self) { try scene.replayer() }
    try scene.meddle("[ $(cat f) = mine ]; [ ! -e .treeline ]")
  }

  @Test(arguments: [ReplayOptions.Adopt.times, .checksum])
  func whatIsThereAlreadyIsNotCopiedAgain(adopt: ReplayOptions.Adopt) throws {
    let scene = try Scene()
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    try succeed(["/bin/bash", "-ec", "cp -a \(scene.source)/{a,d} \(scene.destination)/"])
    try scene.meddle("chmod 640 d/big; printf extra >a/extra; mkdir -p q/r; printf other >d/file; rm d/link; mkdir d/link; touch d/link/y")
    var options = ReplayOptions()
    options.adopt = adopt
    let replayer = try scene.replayer(options)
    let progress = try replayer.step()
    #expect(replayer.exceptions == [])
    #expect(progress.bytesCopied < 300_000)
    try scene.expectEqual()
    #expect(try scene.differences() == [])
    try scene.meddle("ls .treeline/foreign | sort | tr '\\n' ' ' | grep -q 'extra file link q'")
    // From then on it is ours.
    try scene.change("mv a x")
    try scene.recorder.commit()
    #expect(try replayer.step().exceptionCount == 0)
    try scene.expectEqual()
  }

  @Test func anotherJournalTakesOverOnlyWhenAsked() throws {
    let scene = try Scene()
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    try scene.replay()
    let second = scene.directory["journal2"]
    let recorder = try SourceRecorder(scene.source, journal: second)
    try recorder.commit()
    func replayer(_ options: ReplayOptions) throws -> Replayer {
      try scene.replayer(options, journal: second)
    }
    #expect(throws: ReplayError.self) { try replayer(ReplayOptions()) }
    var options = ReplayOptions()
    options.adopt = .checksum
    let taking = try replayer(options)
    #expect(try taking.step().bytesCopied == 0)
    #expect(taking.exceptions == [])
    try scene.expectEqual()
  }

  @Test func twoFilesThatTheDestinationHasAsOneBecomeTwo() throws {
    let scene = try Scene()
    try scene.change("printf same >a; cp -a a b; ln a c")
    try scene.recorder.commit()
    try succeed(["/bin/bash", "-ec", "cd \(scene.destination); cp -a \(scene.source)/a a; ln a b; cp -a a c"])
    var options = ReplayOptions()
    options.adopt = .times
    #expect(try scene.replay(options) == [])
    try scene.expectEqual()
  }

  @Test func aDryRunTellsWhatARunDoesAndDoesNothing() throws {
    let scene = try Scene()
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    for script in ["true", "mv a t; mv d a; mv t d; rm a/big; printf n >>d/file; chmod 700 d/b"] {
      try scene.change(script)
      try scene.recorder.commit()
      let dry = try steps(scene, dryRun: true)
      if script == "true" { try scene.meddle("[ -z \"$(ls -A)\" ]") }
      let real = try steps(scene, dryRun: false)
      #expect(dry == real)
      #expect(!real.isEmpty)
    }
    try scene.expectEqual()
  }

  private func steps(_ scene: Scene, dryRun: Bool) throws -> [ReplayStep] {
    final class Told: Sendable { let steps = Mutex<[ReplayStep]>([]) }
    let told = Told()
    var options = ReplayOptions()
    options.dryRun = dryRun
    options.onStep = { step in told.steps.withLock { $0.append(step) } }
    try scene.replay(options)
    return told.steps.withLock { $0 }
  }

  @Test func eachDifferenceIsFound() throws {
    let scene = try Scene()
    try scene.change("\(ReplayTests.everyKind)\nprintf abc >c; ln -s 1 l; printf g >g; ln g g2")
    try scene.recorder.commit()
    try scene.replay()
    #expect(try scene.differences() == [])
    try scene.meddle("""
      chmod 611 a/file; chown 9:9 d/empty; printf abd >c; touch -r \(scene.source)/c c
      ln -snf 2 l; touch -h -r \(scene.source)/l l; setfattr -n user.z -v 1 a/b/c; rm d/fifo; touch more
      cp -a --remove-destination g t; mv t g2
      """)
    let found = Set(try scene.differences().map { "\(String(decoding: $0.path, as: UTF8.self)) \($0.what)" })
    for difference in [
      "a/file mode", "a/b/hard mode", "d/empty owner", "c content", "l target",
      "a/b/c extendedAttributes", "d/fifo onlyInSource", "more onlyInDestination", "g2 linkGroup",
    ] { #expect(found.contains(difference), "\(difference) in \(found)") }
    #expect(try !scene.differences(checksum: false).contains { $0.what == .content })
  }

  @Test func placesThatWouldDisturbEachOtherAreRefused() throws {
    let scene = try Scene()
    try scene.change("mkdir sub; ln -s sub link")
    try succeed(["ln", "-s", scene.source, scene.directory["alias"]])
    func check(_ source: String, _ destination: String, _ journal: String? = nil) throws {
      try checkPlacement(
        source: Array(source.utf8), destination: Array(destination.utf8),
        journal: journal.map { Array($0.utf8) })
    }
    try check(scene.source, scene.destination, scene.journal)
    let s = scene.source
    for (source, destination, journal) in [
      (s, s, nil), (s, s + "/.", nil), (s + "/", s + "/sub", nil), (s + "/sub", s, nil),
      (s, scene.directory["alias"], nil), (s, s + "/link", nil), (s, s + "/none/yet", nil),
      (s, scene.destination, scene.destination), (s, scene.destination, scene.destination + "/j"),
      (s, scene.journal, scene.journal), (s, scene.destination, s),
    ] {
      #expect(throws: ReplayError.self, "\(source) \(destination)") {
        try check(source, destination, journal)
      }
    }
  }
}
