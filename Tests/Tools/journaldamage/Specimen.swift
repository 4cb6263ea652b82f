import Glibc
import Journal
import LinuxSystem
import SystemPackage
import Tree

/// A journal to be damaged: commits in several segments after what was dropped, with checkpoints, indexes and
/// cursors, and every file of it in memory.
struct Specimen {
  let path: [UInt8]
  /// What can be damaged, by name; the lock is nobody's data.
  private(set) var files: [(name: String, bytes: [UInt8])] = []
  /// Objects that some segments speak of and others do not.
  let objects: [ObjectID] = [ObjectID(60), ObjectID(150), ObjectID(230)]

  /// Of these, the first segment's are dropped.
  static let commitCount: UInt64 = 273
  private static let segmentCommits: UInt64 = 70

  init(at place: String) throws(JournalError) {
    path = Array(place.utf8)
    let key = [UInt8](repeating: 1, count: 8).withUnsafeBytes { ObjectKey(type: 1, bytes: $0) }
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: Array("/s".utf8), rootKey: key, filesystem: [1]),
      id: JournalID([UInt8](repeating: 5, count: 16)), incarnation: 11)
    for number in 1...Self.commitCount {
      var changes = ChangeSet()
      if number > 20, number % 2 == 0 { Self.file(number - 20, isGained: false, into: &changes) }
      Self.file(number, isGained: true, into: &changes)
      try writer.append(
        changes, marks: number % 50 == 1 ? [Mark(kind: .start, payload: [1, 2, 3])] : [],
        flags: number % 3 == 0 ? .exact : [],
        rawTime: Timestamp(seconds: Int64(1_700_000_000 + number), nanoseconds: 7), drainedSeconds: 5)
      let durable = try writer.sync()
      if number % 100 == 40 {
        try JournalCursors(at: path).move(
          JournalCursor(name: "consumer-\(number)", cursor: durable, moved: .zero, label: [0x2f]))
      }
      if number % Self.segmentCommits == 0 {
        let checkpoint = try writer.beginCheckpoint(at: durable, nextObjectID: ObjectID(number + 2))
        for part in Self.tree(after: number) { try checkpoint.add(part) }
        try checkpoint.commit()
        try writer.seal()
      }
    }
    _ = try JournalCursors(at: path).drop("consumer-40")
    try JournalIndex.build(at: path)
    // As much as the newest three segments and a checkpoint take.
    writer.retention = Retention(bytes: try Self.room(try JournalReader.open(at: path)))
    _ = try writer.retire(now: .zero)
    files = try Self.contents(place)
  }

  private static func room(_ reader: JournalReader) throws(JournalError) -> UInt64 {
    let segments = try reader.segmentSizes(), checkpoints = try reader.checkpointSizes()
    return (segments + checkpoints).reduce(0) { $0 + $1.bytes } - segments[0].bytes / 2
  }

  private static func file(_ number: UInt64, isGained: Bool, into changes: inout ChangeSet) {
    var object = ObjectChange(
      id: ObjectID(number + 1), facts: isGained ? [.created, .content] : .removed,
      attributes: Attributes(
        mode: 0o100_600, uid: 1_000, gid: 1_000, sizeBytes: number,
        modified: Timestamp(seconds: Int64(number), nanoseconds: UInt32(number))),
      changed: .zero, firstLink: UInt32(changes.links.count), linkCount: 1)
    if isGained { object.key = changes.store([1, 0, 0, 0, UInt8(number & 255)]) }
    let name = changes.store(Array("file \(number)".utf8))
    changes.links.append(LinkChange(parent: .root, name: name, isGained: isGained))
    changes.objects.append(object)
  }

  /// In two parts: nothing is removed before its commit, and only every second file is.
  private static func tree(after number: UInt64) -> [ChangeSet] {
    var parts = [ChangeSet(), ChangeSet()]
    for alive in 1...number where alive > number - 20 || alive % 2 == 1 {
      file(alive, isGained: true, into: &parts[alive > number / 2 ? 1 : 0])
    }
    return parts
  }

  private static func contents(_ place: String) throws(JournalError) -> [(name: String, bytes: [UInt8])] {
    var found: [(name: String, bytes: [UInt8])] = []
    guard let list = opendir(place) else { return [] }
    defer { closedir(list) }
    while let entry = readdir(list) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") || name.hasSuffix("lock") { continue }
      let file = open("\(place)/\(name)", O_RDONLY)
      let bytes: [UInt8]
      do throws(Errno) { bytes = try FileBytes.readAll(file, limit: 1 << 24) } catch {
        throw .io(error, doing: "read", file: name)
      }
      close(file)
      found.append((name, bytes))
    }
    return found.sorted { $0.name < $1.name }
  }

  /// Puts everything back as it was, after a writer was let loose on it.
  func restore() {
    let place = String(decoding: path, as: UTF8.self)
    if let there = try? Self.contents(place) {
      for (name, _) in there where !files.contains(where: { $0.name == name }) { unlink("\(place)/\(name)") }
    }
    for (name, bytes) in files {
      let file = open("\(place)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      precondition(write(file, bytes, bytes.count) == bytes.count && close(file) == 0)
    }
  }
}
