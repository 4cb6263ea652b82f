import Foundation
import Journal
import LinuxSystem
import TestSupport
import Tree

/// A journal whose one segment can be written anew.
struct CraftedJournal {
  private let place: TemporaryDirectory
  private let segment: URL
  private let header: [UInt8]
  /// The contents of its frames, one for each commit.
  let contents: [[UInt8]]

  /// - Parameter commits: each makes a file.
  init(commits: Int) throws {
    place = try TemporaryDirectory()
    segment = URL(fileURLWithPath: "\(place["j"])/00000000000000000001.tlj")
    let writer = try JournalWriter.create(
      at: Array(place["j"].utf8), source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []),
      id: JournalID([UInt8](repeating: 7, count: 16)), incarnation: 9)
    let headerBytes = try Data(contentsOf: segment).count
    for number in 0..<UInt64(commits) {
      var changes = ChangeSet()
      var file = ObjectChange(
        id: ObjectID(number + 2), facts: [.created, .content],
        attributes: Attributes(mode: 0o100_600, uid: 0, gid: 0, modified: .zero), changed: .zero, linkCount: 1)
      file.key = changes.store(key([1, 2, 3, UInt8(number)]))
      changes.links.append(
        LinkChange(parent: .root, name: changes.store(Array("file \(number)".utf8)), isGained: true))
      changes.objects.append(file)
      try writer.append(changes, rawTime: Timestamp(seconds: 1_700_000_000, nanoseconds: 0), drainedSeconds: 0)
    }
    try writer.sync()
    header = Array(try Data(contentsOf: segment).prefix(headerBytes))
    try succeed(["sh", "-c", "lz4 -dcq '\(segment.path)' > '\(place["plain"])'"])
    let plain = [UInt8](try Data(contentsOf: URL(fileURLWithPath: place["plain"])))
    let starts = plain.indices.filter { plain[$0...].starts(with: Array("TLC1".utf8)) } + [plain.count]
    contents = zip(starts, starts.dropFirst()).map { Array(plain[$0..<$1]) }
  }

  /// Puts frames, or anything, in place of the segment's own.
  ///
  /// - Returns: how many commits are read, and what is said to be damaged.
  func read(_ frames: [UInt8]) throws -> (commits: Int, finding: String?) {
    try Data(header + frames).write(to: segment)
    var commits = 0
    do {
      let reader = try JournalReader.open(at: Array(place["j"].utf8))
      var commit = Commit()
      while try reader.next(&commit) { commits += 1 }
      return (commits, nil)
    } catch JournalError.damaged(let finding) {
      return (commits, finding.what)
    }
  }

  /// Gives each content the chain value that it must have after those before it, as a forger would.
  static func chained(_ contents: [[UInt8]]) -> [[UInt8]] {
    var chain: UInt64 = 0
    return contents.map { content in
      var content = content
      withUnsafeBytes(of: chain.littleEndian) { content.replaceSubrange(16..<24, with: $0) }
      chain = content.withUnsafeBytes { XXH64.hash($0, seed: chain) }
      return content
    }
  }
}
