// Writes a journal of small segments, and says on standard output what is durable as soon as it is: the
// test kills it at each of its system calls.
//
//     journalwriter DIRECTORY COMMITS
//
// Commit n makes the file n, and takes away the file that came 20 commits before. Every 7th moves a cursor,
// each full segment ends with a checkpoint, the oldest is dropped, and every 20th commit compacts.
import Glibc
import Journal
import LinuxSystem
import Tree

let path = Array(CommandLine.arguments[1].utf8)
let end = UInt64(CommandLine.arguments[2])!

func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  precondition(write(STDOUT_FILENO, bytes, bytes.count) == bytes.count)
}

func file(_ number: UInt64, isGained: Bool, into changes: inout ChangeSet) {
  var object = ObjectChange(
    id: ObjectID(number + 1), facts: isGained ? [.created, .content] : .removed,
    attributes: Attributes(mode: 0o100_600, uid: 0, gid: 0, sizeBytes: number, modified: .zero),
    changed: .zero, firstLink: UInt32(changes.links.count), linkCount: 1)
  if isGained { object.key = changes.store([1, 0, 0, 0, UInt8(number & 255)]) }
  let name = changes.store(Array("file \(number)".utf8))
  changes.links.append(LinkChange(parent: .root, name: name, isGained: isGained))
  changes.objects.append(object)
}

func tree(after number: UInt64) -> ChangeSet {
  var changes = ChangeSet()
  for alive in max(number, 20) - 19...max(number, 20) where alive <= number {
    file(alive, isGained: true, into: &changes)
  }
  return changes
}

let retention = Retention(bytes: 6_000)
do {
  let source = SourceIdentity(
    path: Array("/s".utf8), rootKey: [UInt8](repeating: 1, count: 8).withUnsafeBytes { ObjectKey(type: 1, bytes: $0) },
    filesystem: [1])
  let isThere = access(CommandLine.arguments[1] + "/HEAD", F_OK) == 0
  let writer = try isThere ? JournalWriter.open(at: path) : JournalWriter.create(at: path, source: source)
  writer.retention = retention
  writer.segmentBytesMax = 1_500
  while writer.last.sequence.rawValue < end {
    let number = writer.last.sequence.rawValue + 1
    var changes = ChangeSet()
    if number > 20 { file(number - 20, isGained: false, into: &changes) }
    file(number, isGained: true, into: &changes)
    try writer.append(
      changes, rawTime: Timestamp(seconds: Int64(1_700_000_000 + number), nanoseconds: 0), drainedSeconds: 0)
    let durable = try writer.sync()
    say("durable \(number)")
    if number % 7 == 0 {
      try JournalCursors(at: path).move(JournalCursor(name: "consumer", cursor: durable, moved: .zero))
      say("cursor \(number)")
    }
    if writer.isSegmentFull(now: .zero) {
      let checkpoint = try writer.beginCheckpoint(at: durable, nextObjectID: ObjectID(number + 2))
      try checkpoint.add(tree(after: number))
      try checkpoint.commit()
      try writer.seal()
    }
    _ = try writer.retire(now: .zero)
    if number % 20 == 0 {
      try JournalIndex.build(at: path)
      _ = try JournalCompaction.run(at: path, .init(), now: .zero)
    }
  }
} catch {
  say("failed: \(error)")
  exit(1)
}
