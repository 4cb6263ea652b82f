import Glibc
import Journal
import LinuxSystem
import Replay
import SystemPackage
import TestSupport
import Testing

/// A source, a journal and a destination in a temporary directory.
final class Scene {
  let directory: TemporaryDirectory
  let source: String
  let destination: String
  let journal: String
  let recorder: SourceRecorder

  init(in base: String? = nil) throws {
    directory = try TemporaryDirectory()
    let base = base ?? directory.path
    source = "\(base)/source"
    destination = "\(base)/destination"
    journal = directory["journal"]
    for path in [source, destination] where mkdir(path, 0o755) != 0 {
      throw TestSupportError("cannot make \(path)")
    }
    recorder = try SourceRecorder(source, journal: journal)
  }

  /// Runs a shell script in the source.
  func change(_ script: String) throws {
    try succeed(["/bin/bash", "-ec", "cd \(source)\n\(script)"])
  }

  /// Runs a shell script in the destination.
  func meddle(_ script: String) throws {
    try succeed(["/bin/bash", "-ec", "cd \(destination)\n\(script)"])
  }

  func replayer(
    _ options: ReplayOptions = ReplayOptions(), at other: String? = nil, journal otherJournal: String? = nil
  ) throws -> Replayer {
    while true {
      do {
        return try Replayer(
          journal: Array((otherJournal ?? journal).utf8),
          destination: Array((other ?? destination).utf8),
          source: try Descriptor.open(path: source, O_RDONLY | O_DIRECTORY),
          options: options)
      } catch ReplayError.locked {
        // A program that another test is just starting holds every descriptor until it is executed.
        sched_yield()
      } catch ReplayError.history(.locked) {
        sched_yield()
      }
    }
  }

  /// What the product's own comparison finds.
  func differences(checksum: Bool = true) throws -> [TreeDifference] {
    var found: [TreeDifference] = []
    var comparison = TreeComparison(
      source: try Descriptor.open(path: source, O_RDONLY | O_DIRECTORY),
      destination: try Descriptor.open(path: destination, O_RDONLY | O_DIRECTORY),
      checksum: checksum)
    try comparison.run { found.append($0) }
    return found
  }

  /// Replays all there is, and gives the exceptions.
  @discardableResult
  func replay(
    _ options: ReplayOptions = ReplayOptions(), at other: String? = nil
  ) throws -> [ReplayException] {
    let replayer = try replayer(options, at: other)
    while try replayer.step().hasMore {}
    return replayer.exceptions
  }

  /// Fails where source and destination differ in any attribute.
  func expectEqual(
    at other: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if let found = try difference(between: source, and: other ?? destination) {
      Issue.record("\(found)", sourceLocation: sourceLocation)
    }
    let park = try succeed(["/bin/ls", "-A", "\(other ?? destination)/.treeline/park"])
    #expect(park.standardOutput == "", sourceLocation: sourceLocation)
  }
}
