import Journal
import LinuxSystem
import Tree

/// The journal in `Golden/version-1-locators`: a key of every form, of the shortest and the longest handle, and an
/// object with more names than one frame holds, so that a further frame of the same commit goes on with it.
enum GoldenLocators {
  static let names = 4_800

  static let changes: [ChangeSet] = {
    var changes = ChangeSet()
    // A handle; an inode's number, birth time, device and the checksum of its target; a tree mounted inside.
    let keys: [(type: Int32, bytes: [UInt8])] = [
      (1, [7]), (0x4d, [UInt8](repeating: 0xfe, count: ObjectKey.byteCountMax)),
      (-1, (1...20).map { UInt8($0) }), (-1, (1...28).map { UInt8($0) }),
      (0x100 | 1, (1...8).map { UInt8($0) }), (0x7fff_ffff, (1...8).map { UInt8($0) }),
    ]
    for (number, key) in keys.enumerated() {
      add(2 + UInt64(number), key, ["\(key.type)-\(key.bytes.count)"], to: &changes)
    }
    var crowded = ChangeSet()
    let filler = String(repeating: "n", count: 240)
    add(100, keys[0], (1...names).map { "\(filler)-\($0)" }, to: &crowded)
    return [changes, crowded]
  }()

  private static func add(
    _ id: UInt64, _ key: (type: Int32, bytes: [UInt8]), _ names: [String], to changes: inout ChangeSet
  ) {
    var object = ObjectChange(
      id: ObjectID(id), facts: [.created, .content],
      attributes: Attributes(
        mode: 0o100_644, uid: 1_000, gid: 1_000, sizeBytes: id,
        modified: Timestamp(seconds: 1_700_000_000, nanoseconds: 1)),
      changed: Timestamp(seconds: 1_700_000_000, nanoseconds: 2), drainedSeconds: 1_700_000_000,
      firstLink: UInt32(changes.links.count), linkCount: UInt32(names.count))
    object.key = changes.store(key.bytes.withUnsafeBytes { ObjectKey(type: key.type, bytes: $0) })
    for name in names {
      changes.links.append(
        LinkChange(parent: .root, name: changes.store(Array(name.utf8)), isGained: true))
    }
    changes.objects.append(object)
  }

  static func write(at path: String) throws {
    let writer = try JournalWriter.create(
      at: Array(path.utf8),
      source: SourceIdentity(path: Array("/s".utf8), rootKey: key([1]), filesystem: [1]),
      id: JournalID([UInt8](repeating: 5, count: 16)), incarnation: 6)
    for changes in changes {
      try writer.append(changes, rawTime: Timestamp(seconds: 5, nanoseconds: 6), drainedSeconds: 7)
      try writer.sync()
    }
  }
}
