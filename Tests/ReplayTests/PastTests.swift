import Foundation
import LinuxSystem
import Replay
import TestSupport
import Testing

/// What a destination gives back of its past, also when what it was in the midst of was interrupted.
@Suite struct PastTests {
  private static var keeping: ReplayOptions {
    var options = ReplayOptions()
    options.versionSeconds = 30 * 86_400
    return options
  }

  /// Copies the source as it is now, to be compared with.
  private func keep(_ scene: Scene, as name: String) throws -> String {
    let path = "\(scene.destination).\(name)"
    try succeed(["cp", "-a", scene.source, path])
    return path
  }

  /// Restores one commit, and says what differs from a tree.
  private func difference(
    _ scene: Scene, at sequence: UInt64, from tree: String
  ) throws -> String? {
    let past = try DestinationPast(Array(scene.destination.utf8))
    guard let point = try past.points().last(where: { $0.sequence.rawValue == sequence }) else {
      return "commit \(sequence) is not to be had"
    }
    let back = "\(scene.destination).back"
    try succeed(["rm", "-rf", back])
    try succeed(["mkdir", back])
    var troubles: [String] = []
    let restorer = try Restorer(past, at: point) {
      troubles.append("\(String(decoding: $0.path, as: UTF8.self)): \($0.reason)")
    }
    let target = try Descriptor.open(path: back, O_RDONLY | O_DIRECTORY)
    try restorer.restore(to: target.raw, paths: []) { _ in }
    if !troubles.isEmpty { return troubles.joined(separator: "\n") }
    return try TestSupport.difference(between: tree, and: back, isDestination: false)
  }

  private func expectNoDifference(
    _ scene: Scene, at sequence: UInt64, from tree: String, _ context: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if let found = try difference(scene, at: sequence, from: tree) {
      Issue.record("\(found) \(context)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: InterruptionTests.scripts)
  func theStateBeforeAnInterruptedPlanComesBack(script: String) throws {
    let scene = try Scene()
    try scene.change(ReplayTests.everyKind)
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    let first = try keep(scene, as: "first")
    let before = "\(scene.destination).before"
    try succeed(["cp", "-a", scene.destination, before])
    try scene.change(script)
    try scene.recorder.commit()
    var verbs = 0
    var isOver = false
    while !isOver {
      try succeed(["rm", "-rf", scene.destination])
      try succeed(["cp", "-a", before, scene.destination])
      let killed = try scene.replayer(Self.keeping)
      killed.verbsUntilInterruption = verbs
      do {
        while try killed.step().hasMore {}
        isOver = true
      } catch .interrupted {
        try expectNoDifference(scene, at: 1, from: first, "killed before verb \(verbs)")
        #expect(try scene.replay(Self.keeping) == [])
      }
      try expectNoDifference(scene, at: 1, from: first, "after verb \(verbs)")
      verbs += 1
    }
    try expectNoDifference(scene, at: 2, from: scene.source)
  }

  /// A file that could not be copied when its commit was applied, and was later: each commit has its own
  /// content, or none at all.
  @Test func whatCameLateIsNotTakenForWhatWasBefore() throws {
    let scene = try Scene()
    try scene.change("echo first >f; echo other >g")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    let first = try keep(scene, as: "first")
    try scene.change("echo second >f")
    try scene.recorder.commit()
    // Its content is not to be had in the recorded state.
    let second = try keep(scene, as: "second")
    try scene.change("mv f elsewhere")
    #expect(try !scene.replay(Self.keeping).isEmpty)
    try scene.change("mv elsewhere f; echo third >f")
    try scene.recorder.commit()
    #expect(try scene.replay(Self.keeping).isEmpty)
    try expectNoDifference(scene, at: 1, from: first)
    let late = try difference(scene, at: 2, from: second)
    #expect(late == nil || late == "commit 2 is not to be had", "\(late ?? "")")
  }

  /// The log begins anew where its oldest part was dropped, and earlier states are not promised any more.
  @Test func whatTheLogHasDroppedIsNotPromised() throws {
    let scene = try Scene()
    var options = Self.keeping
    options.sync = .none
    try scene.change("for i in $(seq 300); do echo $i > f$i; done")
    try scene.recorder.commit()
    try scene.replay(options)
    let past = try DestinationPast(Array(scene.destination.utf8))
    #expect(try past.points().map(\.sequence.rawValue) == [1])
    // Without versions the log is bounded, and nothing is kept.
    options.versionSeconds = nil
    options.historyBytes = 64 << 10
    for round in 0..<40 {
      try scene.change("touch -d @\(round * 1000).5 f*")
      try scene.recorder.commit()
      try scene.replay(options)
    }
    #expect(try DestinationPast(Array(scene.destination.utf8)).points().isEmpty)
    // Kept again: the whole tree is written down first.
    options.versionSeconds = 30 * 86_400
    try scene.change("echo more >f1")
    try scene.recorder.commit()
    try scene.replay(options)
    let kept = try keep(scene, as: "kept")
    try scene.change("echo even more >f1; rm f2; mv f3 f4")
    try scene.recorder.commit()
    try scene.replay(options)
    try expectNoDifference(scene, at: 42, from: kept)
    try expectNoDifference(scene, at: 43, from: scene.source)
  }

  /// A destination that is taken over by another journal begins anew.
  @Test func whatWasBeforeATakeOverIsNotMixedWithWhatCameAfter() throws {
    let scene = try Scene()
    try scene.change("echo one >a; echo two >b")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    let other = "\(scene.journal).other"
    let recorder = try SourceRecorder(scene.source, journal: other)
    try recorder.commit()
    var options = Self.keeping
    options.adopt = .checksum
    func replay(_ options: ReplayOptions) throws {
      let replayer = try scene.replayer(options, journal: other)
      while try replayer.step().hasMore {}
      #expect(replayer.exceptions.isEmpty)
    }
    try replay(options)
    let taken = try keep(scene, as: "taken")
    try scene.change("echo three >a; rm b")
    try recorder.commit()
    try replay(Self.keeping)
    let past = try DestinationPast(Array(scene.destination.utf8))
    #expect(try past.points().map(\.sequence.rawValue) == [1, 2])
    try expectNoDifference(scene, at: 1, from: taken)
    try expectNoDifference(scene, at: 2, from: scene.source)
  }

  @Test func versionsThatAreTooOldGo() throws {
    let scene = try Scene()
    for text in ["one", "two", "three"] {
      try scene.change("echo \(text) >f")
      try scene.recorder.commit()
      try scene.replay(Self.keeping)
    }
    let past = try DestinationPast(Array(scene.destination.utf8))
    #expect(try past.points().count == 3)
    let replayer = try scene.replayer(Self.keeping)
    try replayer.thinVersions(now: Timestamp(seconds: Timestamp.now().seconds + 31 * 86_400, nanoseconds: 0))
    let after = try DestinationPast(Array(scene.destination.utf8))
    #expect(try after.points().map(\.sequence.rawValue) == [3])
    try expectNoDifference(scene, at: 3, from: scene.source)
    let kept = try succeed(["find", "\(scene.destination)/.treeline/versions", "-type", "f", "-name", "[0-9]*"])
    #expect(kept.standardOutput == "")
  }

  /// Some commits over 60 files, and a copy of the source as it was at each.
  private func run(_ scene: Scene, commits: Int, _ options: ReplayOptions) throws {
    try scene.change("for i in $(seq 60); do echo $i > f$i; done")
    try succeed(["mkdir", "\(scene.destination).states"])
    for commit in 1...commits {
      try scene.change(
        "touch -d @\(commit * 1000).5 f*; echo \(commit) >f\(commit); mv f\(commit + 1) g\(commit)")
      try scene.recorder.commit()
      let replayer = try scene.replayer(options)
      while try replayer.step().hasMore {}
      #expect(replayer.exceptions.isEmpty)
      try replayer.syncNow()
      _ = try keep(scene, as: "states/\(commit)")
    }
  }

  private func history(_ scene: Scene, ending: String) throws -> [String] {
    let history = "\(scene.destination)/.treeline/history"
    return try FileManager.default.contentsOfDirectory(atPath: history)
      .filter { $0.hasSuffix(ending) }.sorted().map { "\(history)/\($0)" }
  }

  /// What is too much for the log goes, and with the whole tree in it the rest can be had.
  @Test func aLogThatIsBoundedGivesBackAllThatItPromises() throws {
    let scene = try Scene()
    var options = Self.keeping
    options.statesBytes = 32 << 10
    options.treeBytes = 8 << 10
    try run(scene, commits: 16, options)
    let sizes = try history(scene, ending: "").map {
      try Int(FileManager.default.attributesOfItem(atPath: $0)[.size] as? UInt64 ?? 0)
    }
    #expect(sizes.reduce(0, +) < 64 << 10)
    let points = try DestinationPast(Array(scene.destination.utf8)).points()
    #expect(points.count > 2)
    #expect(points.count < 16)
    for point in points {
      let number = point.sequence.rawValue
      try expectNoDifference(scene, at: number, from: "\(scene.destination).states/\(number)")
    }
  }

  /// A damaged place in the log costs the states up to the next whole tree, and no others.
  @Test func damageInTheLogCostsOnlyTheStatesUpToTheNextTree() throws {
    let scene = try Scene()
    var options = Self.keeping
    options.statesBytes = 256 << 10
    options.treeBytes = 4 << 10
    try run(scene, commits: 16, options)
    #expect(try DestinationPast(Array(scene.destination.utf8)).points().count == 16)
    let segments = try history(scene, ending: ".tlj")
    try #require(segments.count > 3)
    let segment = segments[segments.count / 2]
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: segment)))
    bytes[bytes.count * 2 / 3] ^= 0x10
    try Data(bytes).write(to: URL(fileURLWithPath: segment))
    let past = try DestinationPast(Array(scene.destination.utf8))
    let points = try past.points().map(\.sequence.rawValue)
    #expect(past.damage.count == 1)
    #expect(points.first == 1)
    #expect(points.last == 16)
    #expect(points.count > 6 && points.count < 16)
    for number in points {
      try expectNoDifference(scene, at: number, from: "\(scene.destination).states/\(number)")
    }
  }
}
