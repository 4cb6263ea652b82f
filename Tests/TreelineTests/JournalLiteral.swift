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

  /// Lets time pass before the next commit.
  func wait(seconds more: Int64) { seconds += more }

  /// Writes one commit, a second after the last.
  ///
  /// - Parameter passed: what came and went before it, by the program.
  func commit(
    marks: [Mark] = [], by program: String = "", passed: [(parent: UInt64, name: String)] = [], _ body: (inout ChangeSetLiteral) -> Void = { _ in }
  ) throws {
    var literal = ChangeSetLiteral()
    body(&literal)
    var attribution = Attribution()
    if !program.isEmpty {
      var process = ProcessRecord(pid: 7, standing: .alive)
      process.executable = Array(program.utf8)
      process.uid = 1000
      let place = attribution.add(process)
      for object in literal.changes.objects {
        attribution.set([Attribution.Act(process: place, deeds: .known)], of: object.id)
      }
      for (parent, name) in passed {
        attribution.addTransient(
          Name(Array(name.utf8)), in: ObjectID(parent), isDirectory: false,
          [Attribution.Act(process: place, deeds: [.create, .remove])])
      }
    }
    seconds += 1
    _ = try writer.append(
      literal.changes, by: attribution, marks: marks, flags: .exact,
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
      object.key = [UInt8](repeating: UInt8(truncatingIfNeeded: id), count: 8).withUnsafeBytes {
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
