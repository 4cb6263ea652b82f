import Capture
import Foundation
import LinuxSystem
import SystemPackage
import TestSupport
import Testing
import Tree

@Suite(.serialized)
struct FollowingTests {
  @Test(arguments: Filesystem.Kind.allCases, [MarkKind.filesystem, .mount])
  func theMirrorEqualsTheTreeAfterAWorkload(kind: Filesystem.Kind, mark: MarkKind) throws {
    if let reason = Filesystem.reasonToSkip(kind) {
      announceSkip("following on \(kind.rawValue)", because: reason)
      return
    }
    let filesystem = try Filesystem(kind)
    defer { filesystem.unmount() }
    let source = filesystem["s"]
    let outside = filesystem["o"]
    try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: false)
    try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
    let seed = Thoroughness.seed()
    print("seed \(seed) on \(kind.rawValue), \(mark.rawValue) mark")
    try succeed([
      Products.workload, "run", "--root", source, "--outside", outside, "--seed", "\(seed)",
      "--operations", Thoroughness.isFull ? "500" : "200",
    ])
    let follower = try follow(source, mark)
    var changes = ChangeSet()
    _ = try follower.scan { follower.takeChanges(into: &changes) }
    let operations = Thoroughness.isFull ? 20_000 : 800
    let child = try Child([
      Products.workload, "run", "--root", source, "--outside", outside, "--seed", "\(seed &+ 1)",
      "--operations", "\(operations)",
    ])
    var rounds = 0
    while child.isRunning {
      try follower.wait(until: monotonicNanoseconds() + 1_000_000) { false }
      _ = try follower.round(waived: false)
      follower.takeChanges(into: &changes)
      rounds += 1
    }
    let last = try follower.round(waived: true)
    follower.takeChanges(into: &changes)
    #expect(last.isExact)
    let fresh = try follow(source)
    _ = try fresh.scan {}
    let followed = describe(follower.mirror)
    let scanned = describe(fresh.mirror)
    print("\(rounds) rounds, \(followed.count) names")
    for (path, what) in scanned where followed[path] != what {
      Issue.record("\(path): followed \(followed[path] ?? "nothing"), is \(what)")
    }
    for (path, what) in followed where scanned[path] == nil {
      Issue.record("\(path): followed \(what), is nothing")
    }
    #expect(follower.mirror.nodeCount == fresh.mirror.nodeCount)
  }

  /// Such directories do not fit in one listing, and several readers are in the midst of one each.
  @Test func largeDirectoriesThatWereReadBeforeAreReadAgain() throws {
    let directory = try TemporaryDirectory()
    let directories = (0..<6).map { "\(directory.path)/\($0)" }
    for path in directories {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      for number in 0..<1_500 {
        #expect(FileManager.default.createFile(atPath: "\(path)/\(number)", contents: nil))
      }
    }
    let follower = try follow(directory.path)
    _ = try follower.scan {}
    for path in directories {
      for number in 0..<1_500 where number % 5 == 0 {
        try FileManager.default.removeItem(atPath: "\(path)/\(number)")
      }
      #expect(FileManager.default.createFile(atPath: "\(path)/new", contents: nil))
    }
    _ = try follower.scan {}
    let fresh = try follow(directory.path)
    _ = try fresh.scan {}
    #expect(describe(follower.mirror) == describe(fresh.mirror))
    #expect(fresh.mirror.nodeCount == 1 + 6 * (1 + 1_201))
  }

  /// Both in one commit: each costs a sync of the journal.
  @Test(arguments: [true, false])
  func aRoundWaitsForTheCloseOfAFileThatItMeetsOpen(isClosed: Bool) throws {
    let directory = try TemporaryDirectory()
    let mark = try SourceMark(path: Array(directory.path.utf8))
    let mirror = Mirror(root: mark.rootKey)
    let hints = ClosingHints(mark.drain)
    let follower = SourceFollower(
      mark, hints: hints, clock: StillClock(), mirror: mirror, excluded: [], policy: SettlePolicy())
    _ = try follower.scan {}
    let child = try Child(
      ["/bin/sh", "-c", "exec 3>\"$0\"; echo written >&3; echo done; read line", "\(directory.path)/new"],
      conversing: true)
    #expect(child.readLine() == "done")
    try hints.barrier()
    hints.onWait = {
      guard isClosed else { return }
      child.writeLine()
      #expect(child.wait(timeout: .seconds(10)) == 0)
    }
    _ = try follower.round(waived: false)
    #expect(hints.waits == 1)
    #expect(follower.unsettledCount == (isClosed ? 0 : 1))
    child.signal(SIGKILL)
  }

  private func follow(_ path: String, _ kind: MarkKind = .filesystem) throws -> SourceFollower {
    let mark = try SourceMark(path: Array(path.utf8), kind: kind)
    return SourceFollower(
      mark, mirror: Mirror(root: mark.rootKey), excluded: [], policy: SettlePolicy())
  }

  /// Every name with all that a copy has of its object; a change of the access time alone
  /// moves the ctime and is not reported.
  private func describe(_ mirror: Mirror) -> [String: String] {
    var found: [String: String] = [:]
    for directory in mirror.directories(where: { _ in true }) {
      mirror.forEachChild(of: directory) { place in
        let node = mirror.node(of: place)
        let path = mirror.path(of: place)?.map { String(String.UnicodeScalarView($0.bytes.map { Unicode.Scalar($0) })) }
          .joined(separator: "/")
        found[path ?? "unreachable \(place)"] =
          "\(mirror.key(node)) \(mirror.attributes(node)) "
          + "\(mirror.target(node)) \(mirror.encodedAttributes(node)) \(mirror.linkCount(of: node))"
      }
    }
    found["."] = "\(mirror.attributes(mirror.root)) \(mirror.encodedAttributes(mirror.root))"
    return found
  }
}

/// Hints of the kernel, and something that happens when they are waited for.
private final class ClosingHints: HintQueue, @unchecked Sendable {
  private let hints: any HintQueue
  var onWait: () -> Void = {}
  private(set) var waits = 0

  init(_ hints: any HintQueue) { self.hints = hints }

  func barrier() throws(Errno) { try hints.barrier() }
  func take(replacement empty: DirtySet) -> TakenHints { hints.take(replacement: empty) }
  var drainedAt: Timestamp { hints.drainedAt }
  var isQuiet: Bool { hints.isQuiet }
  func nudge() { hints.nudge() }

  func wait(until deadline: UInt64?, or isAsked: () -> Bool) throws(Errno) {
    waits += 1
    onWait()
    try hints.barrier()
  }
}

/// A clock by which nothing is ever due.
private final class StillClock: CaptureClock {
  let now = Timestamp.now()
  let monotonic = monotonicNanoseconds()
}
