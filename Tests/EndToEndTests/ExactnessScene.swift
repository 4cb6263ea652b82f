import Foundation
import TestSupport
import Testing

/// A source, a place outside it and a destination on one fresh filesystem, and a journal elsewhere.
final class Scene: Sendable {
  let filesystem: Filesystem
  let source: String
  let outside: String
  let destination: String
  let replayed: String
  let journal: String
  let mark: Mark
  let view: View
  private let elsewhere: TemporaryDirectory
  /// What the source is seen through; nil for the filesystem itself.
  private let layer: MountedLayer?
  /// Runs a program as who owns the source.
  let through: [String]

  /// How the source is marked.
  enum Mark: String, CaseIterable, Sendable { case filesystem, mount, inode }

  /// Who looks at the source, and through what.
  enum View: String, CaseIterable, Sendable {
    case plain
    /// As a user without any privilege.
    case unprivileged
    /// Through an overlayfs as it is mounted by default.
    case overlay
    /// Through a FUSE server, which does not tell when objects were made: the number alone tells them apart,
    /// and is given again to others.
    case fuse
    /// Through one that tells it.
    case fuseWithBirthTimes
  }

  init(
    _ kind: Filesystem.Kind, mark: Mark = .filesystem, view: View = .plain, bytes: Int = 4 << 30
  ) throws {
    self.mark = mark
    self.view = view
    filesystem = try Filesystem(kind, bytes: bytes)
    elsewhere = try TemporaryDirectory()
    switch view {
    case .plain, .unprivileged: layer = nil
    case .overlay: layer = try MountedLayer(overlayIn: filesystem)
    case .fuse: layer = try MountedLayer(fuseIn: filesystem)
    case .fuseWithBirthTimes: layer = try MountedLayer(fuseIn: filesystem, ["--birth-times"])
    }
    let place = layer?.root ?? filesystem.root
    source = "\(place)/source"
    outside = "\(place)/outside"
    destination = filesystem["destination"]
    replayed = filesystem["replayed"]
    journal = elsewhere["journal"]
    for path in [source, outside, destination, replayed] where !FileManager.default.fileExists(atPath: path) {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    through = view == .unprivileged ? Self.asNobody : []
    if view == .unprivileged {
      try succeed(["chown", Self.nobody, source, outside, destination, replayed, elsewhere.path])
      try succeed(["chmod", "a+x", elsewhere.path, "\(filesystem.root)/.."])
    }
  }

  private static let nobody = "65534:65534"
  private static let asNobody = [
    "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all",
  ]

  /// Operations of the workload, by parts of their names, that cannot be tried here.
  var without: [String] {
    var names: [String] = []
    // Nobody is told of what is done through a name outside the source.
    if mark == .inode { names += ["write_outside_link", "write_through_outside"] }
    switch view {
    case .plain: break
    case .fuse, .fuseWithBirthTimes:
      // A directory that comes and goes at once is not marked yet when a file in it is written that has a
      // second name, and the answers of a server leave time for that.
      names += ["link_outside"]
    case .unprivileged:
      // Its owner may not read a file of any mode, nor give it away.
      names += ["mode", "owner", "device", "trusted", "capability", "acl", "whiteout", "forbidding"]
    case .overlay:
      // A mapping is one of the lower file, and its end is not reported.
      names += ["_map"]
    }
    return names
  }

  /// Why there cannot be such a scene here; nil where there can.
  static func reasonToSkip(_ kind: Filesystem.Kind, _ view: View) -> String? {
    if let reason = Filesystem.reasonToSkip(kind) { return reason }
    switch view {
    case .plain, .overlay: return nil
    case .fuse, .fuseWithBirthTimes: return Filesystem.reasonToSkipFUSE
    case .unprivileged:
      if findTool("setpriv") == nil { return "setpriv is not installed" }
      let isWithinReach = (try? run(asNobody + ["test", "-x", Products.treeline]))?.exitCode == 0
      return isWithinReach ? nil : "the program is out of nobody's reach"
    }
  }

  /// A backup of the scene. Random operations remove more than any share of the tree, so nothing halts it.
  func backup(_ options: [String] = []) throws -> TreelineProcess {
    try TreelineProcess(
      ["backup", source, destination, "--max-delete", "100", "--mark", mark.rawValue] + options,
      journal: journal, through: through)
  }

  /// The destination, and what a replay of the journal alone makes, equal the source.
  func expectExact(_ backup: TreelineProcess, _ context: String) throws {
    try backup.flush()
    let live = try difference(between: source, and: destination)
    #expect(live == nil, "the destination differs, \(context)\n\(backup.errorOutput.suffix(3000))")
    let code = try backup.terminate()
    #expect(code == 0, "SIGTERM ended backup with \(code), \(context)\n\(backup.errorOutput.suffix(3000))")
    let replay = try run(
      through + [Products.treeline, "replay", journal, replayed], timeout: .seconds(600))
    // Setting an access time alone moves the ctime and gives no event, so a stamp may be out of date
    // though nothing else is: such a file is named as newer, and compared below all the same.
    let otherTrouble = replay.standardError.split(separator: "\n").filter {
      $0.contains("warning:") && !$0.contains("newer state")
    }
    #expect(
      replay.exitCode == 0 || (replay.exitCode == 3 && otherTrouble.isEmpty),
      "\(replay.standardError.suffix(3000)) \(context)")
    let alone = try difference(between: source, and: replayed)
    #expect(alone == nil, "the replay of the journal alone differs, \(context)")
  }
}

/// The workload generator as a child that goes from stage to stage when it is told to.
struct WorkloadProcess {
  private let child: Child

  init(_ arguments: [String]) throws {
    child = try Child([Products.workload] + arguments, conversing: true)
  }

  /// One in a scene, by who owns it and without what cannot be tried there.
  init(_ scene: Scene, _ arguments: [String]) throws {
    child = try Child(
      scene.through + [Products.workload] + arguments
        + scene.without.flatMap { ["--without", $0] }, conversing: true)
  }

  /// Returns at the next stop; false when there is none because the program is done.
  @discardableResult
  func untilStop(_ prefix: String) -> Bool {
    while let line = child.readLine() {
      if line.hasPrefix(prefix) { return true }
    }
    return false
  }

  /// Lets it go on to the next stop.
  func goOn() { child.writeLine() }

  /// Lets it run to its end, which must be a good one.
  func finish() throws {
    var last: [String] = []
    while let line = child.readLine() { last = last.suffix(3) + [line] }
    guard let code = child.wait(timeout: .seconds(300)) else { throw TestSupportError("workload hangs") }
    guard code == 0 else {
      throw TestSupportError("workload ended with \(code)\n\(last.joined(separator: "\n"))\n\(child.standardError)")
    }
    if let summary = last.last { print(summary) }
  }
}
