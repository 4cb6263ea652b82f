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
  private let elsewhere: TemporaryDirectory

  /// How the source is marked.
  enum Mark: String, CaseIterable, Sendable { case filesystem, mount }

  init(_ kind: Filesystem.Kind, mark: Mark = .filesystem, bytes: Int = 4 << 30) throws {
    self.mark = mark
    filesystem = try Filesystem(kind, bytes: bytes)
    elsewhere = try TemporaryDirectory()
    source = filesystem["source"]
    outside = filesystem["outside"]
    destination = filesystem["destination"]
    replayed = filesystem["replayed"]
    journal = elsewhere["journal"]
    for path in [source, outside, destination, replayed] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
  }

  /// A backup of the scene. Random operations remove more than any share of the tree, so nothing halts it.
  func backup(_ options: [String] = []) throws -> TreelineProcess {
    try TreelineProcess(
      ["backup", source, destination, "--max-delete", "100", "--mark", mark.rawValue] + options, journal: journal)
  }

  /// The destination, and what a replay of the journal alone makes, equal the source.
  func expectExact(_ backup: TreelineProcess, _ context: String) throws {
    try backup.flush()
    let live = try difference(between: source, and: destination)
    #expect(live == nil, "the destination differs, \(context)\n\(backup.errorOutput.suffix(3000))")
    let code = try backup.terminate()
    #expect(code == 0, "SIGTERM ended backup with \(code), \(context)\n\(backup.errorOutput.suffix(3000))")
    let replay = try run(
      [Products.treeline, "replay", journal, replayed], timeout: .seconds(600))
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
