import Foundation
import TestSupport
import Testing

/// A backup that leaves something out, and git as the judge of what.
final class ExcludesScene {
  let scene: Scene
  private let place: TemporaryDirectory
  /// The file with the patterns.
  var patterns: String { place["patterns"] }

  init(_ kind: Filesystem.Kind, _ lines: [String]) throws {
    scene = try Scene(kind)
    place = try TemporaryDirectory()
    try succeed(["git", "init", "-q", "--bare", place["judge"]])
    try write(lines)
  }

  func write(_ lines: [String]) throws {
    try lines.joined(separator: "\n").write(toFile: patterns, atomically: true, encoding: .utf8)
  }

  func backup(_ options: [String] = []) throws -> TreelineProcess {
    try scene.backup(["--exclude-from", patterns] + options)
  }

  /// Writes a list of the paths in the source that git would ignore, and gives its name.
  private func judge() throws -> String {
    let script = """
      cd '\(scene.source)'
      find . -mindepth 1 -print0 >'\(place["paths"])'
      git --git-dir='\(place["judge"])' --work-tree=. -c core.excludesFile='\(patterns)' \\
        check-ignore --no-index --stdin -z -v -n <'\(place["paths"])' >'\(place["answers"])' || test $? = 1
      """
    try shell(script)
    let fields = try Data(contentsOf: URL(fileURLWithPath: place["answers"]))
      .split(separator: 0, omittingEmptySubsequences: false)
    var list = Data()
    for at in stride(from: 0, to: fields.count - 3, by: 4)
    where !fields[at].isEmpty && fields[at + 2].first != UInt8(ascii: "!") {
      list += fields[at + 3].dropFirst(2) + [0]
    }
    try list.write(to: URL(fileURLWithPath: place["left-out"]))
    return place["left-out"]
  }

  /// After a flush the destination is the source without what git ignores; `verify` says so too.
  func expectExact(_ backup: TreelineProcess, _ context: String) throws {
    try backup.flush()
    let live = try difference(between: scene.source, and: scene.destination, without: judge())
    #expect(
      live == nil, "the destination differs, \(context)\n\(backup.errorOutput.suffix(3000))")
    let verified = try treeline(
      ["verify", scene.source, scene.destination, "--checksum", "--exclude-from", patterns])
    #expect(verified.exitCode == 0, "\(verified) \(context)")
  }

  /// The same, and the journal alone makes the same tree.
  func expectExactAndStop(_ backup: TreelineProcess, _ context: String) throws {
    try expectExact(backup, context)
    #expect(try backup.terminate() == 0, "\(backup.errorOutput.suffix(3000)) \(context)")
    let replay = try treeline(["replay", scene.journal, scene.replayed], timeout: .seconds(600))
    #expect([0, 3].contains(replay.exitCode), "\(replay.standardError.suffix(3000)) \(context)")
    let alone = try difference(between: scene.source, and: scene.replayed, without: judge())
    #expect(alone == nil, "the replay of the journal alone differs, \(context)")
  }
}
