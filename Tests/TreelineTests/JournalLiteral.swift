import Glibc
import Journal
import LinuxSystem
import TestSupport
import Tree

/// A small journal, written commit by commit.
final class JournalLiteral {
  let directory: TemporaryDirectory
  var path: [UInt8] { Array(directory["journal"].utf8) }
  let writer: JournalWriter
  private var seconds: Int64 = 1_769_860_800

  init() throws {
    directory = try TemporaryDirectory()
    let key = [UInt8](repeating: 1, count: 8).withUnsafeBytes { ObjectKey(type: 1, bytes: $0) }
    writer = try JournalWriter.create(
      at: Array(directory["journal"].utf8),
      source: SourceIdentity(path: Array("/source".utf8), rootKey: key, filesystem: [1]))
  }

  /// Writes one commit, a second after the last.
  func commit(
    marks: [Mark] = [], _ body: (inout ChangeSetLiteral) -> Void = { _ in }
  ) throws {
    var literal = ChangeSetLiteral()
    body(&literal)
    seconds += 1
    _ = try writer.append(
      literal.changes, marks: marks, flags: .exact,
      rawTime: Timestamp(seconds: seconds, nanoseconds: 5), drainedSeconds: seconds)
    _ = try writer.sync()
  }
}

/// Changes, object by object.
struct ChangeSetLiteral {
  var changes = ChangeSet()

  mutating func change(
    _ id: UInt64, _ facts: ObjectChange.Facts, mode: UInt32 = 0o100644, size: UInt64 = 0,
    lost: [(UInt64, String)] = [], gained: [(UInt64, String)] = [], target: String = ""
  ) {
    let first = UInt32(changes.links.count)
    for (isGained, links) in [(false, lost), (true, gained)] {
      for (parent, name) in links {
        let slice = changes.store(Array(name.utf8))
        changes.links.append(
          LinkChange(parent: ObjectID(parent), name: slice, isGained: isGained))
      }
    }
    var object = ObjectChange(
      id: ObjectID(id), facts: facts,
      attributes: Attributes(mode: mode, uid: 0, gid: 0, sizeBytes: size, modified: .zero),
      changed: .zero, firstLink: first, linkCount: UInt32(lost.count + gained.count))
    if facts.contains(.created) || facts.contains(.content) {
      object.key = [UInt8](repeating: UInt8(id), count: 8).withUnsafeBytes {
        changes.store(ObjectKey(type: 1, bytes: $0))
      }
    }
    if !target.isEmpty { object.target = changes.store(Array(target.utf8)) }
    changes.objects.append(object)
  }

  mutating func directory(_ id: UInt64, _ parent: UInt64, _ name: String) {
    change(id, .created, mode: 0o040755, gained: [(parent, name)])
  }

  mutating func file(_ id: UInt64, _ parent: UInt64, _ name: String, size: UInt64 = 0) {
    change(id, [.created, .content], size: size, gained: [(parent, name)])
  }
}
