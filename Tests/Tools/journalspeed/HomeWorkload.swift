import LinuxSystem
import Tree

/// What somebody's home directory goes through, as net changes: documents saved by temporary and rename,
/// files written over, downloads and caches that come and go, builds, renames, changes of mode.
///
/// Handles are those of ext4: an inode number near those of the same directory, and a generation that the
/// kernel draws at random. Nanoseconds are random, as a clock's are.
struct HomeWorkload {
  /// What a record is mostly about.
  enum Kind: String, CaseIterable {
    case created, rewritten, renamed, removed
    case modeChanged = "mode changed"

    init(_ facts: ObjectChange.Facts, hasLinks: Bool) {
      self =
        if facts.contains(.created) { .created } else if facts.contains(.removed) { .removed }
        else if facts.contains(.content) { .rewritten } else if hasLinks { .renamed } else { .modeChanged }
    }
  }

  private struct File {
    var id: UInt64
    var inode: UInt32
    var generation: UInt32
    var directory: UInt64
    var name: [UInt8]
    var attributes: Attributes
    var changed: Timestamp
    /// The commit that spoke of it last: a commit speaks of an object once.
    var commit: UInt64 = 0
  }

  private var generator: SplitMix64
  private var files: [File] = []
  private var byDirectory: [[Int]]
  private var nextID: UInt64
  private var nextInode: [UInt32]
  private var time = Timestamp(seconds: 1_760_000_000, nanoseconds: 0)
  private var commit: UInt64 = 0

  private static let directoryCount: UInt64 = 400
  private static let fileCount = 30_000

  init(seed: UInt64) {
    generator = SplitMix64(state: seed)
    byDirectory = Array(repeating: [], count: Int(Self.directoryCount))
    nextID = Self.directoryCount + 2
    // ext4 gives a directory's files numbers of its own block group.
    nextInode = (0..<Self.directoryCount).map { UInt32($0) * 8_192 + 11 }
    var unused = ChangeSet()
    for _ in 0..<Self.fileCount {
      create(in: Int(generator.below(Self.directoryCount)), &unused)
      if unused.bytes.count > 1 << 20 { unused.removeAll() }
    }
  }

  /// The next commit, of at least so many records.
  mutating func next(records: Int) -> ChangeSet {
    var changes = ChangeSet()
    commit += 1
    while changes.objects.count < records { episode(&changes) }
    return changes
  }

  /// Somebody, or some program, at work in one directory for a while.
  private mutating func episode(_ changes: inout ChangeSet) {
    let directory = Int(generator.below(Self.directoryCount))
    time.seconds += Int64(generator.below(40))
    let draw = generator.below(100)
    let steps = 1 + generator.below(draw < 40 ? 3 : 20)
    for _ in 0..<steps {
      step()
      switch draw {
      case ..<40: save(in: directory, &changes)
      case ..<60: rewrite(in: directory, &changes)
      case ..<76: create(in: directory, &changes)
      case ..<90: remove(in: directory, &changes)
      case ..<95: rename(from: directory, to: Int(generator.below(Self.directoryCount)), &changes)
      default: changeMode(in: directory, &changes)
      }
    }
  }

  /// What follows comes some milliseconds later.
  private mutating func step() {
    let after = UInt64(time.nanoseconds) + generator.below(200_000_000)
    time.seconds += Int64(after / 1_000_000_000)
    time.nanoseconds = UInt32(after % 1_000_000_000)
  }

  // MARK: What happens to a file

  private mutating func create(in directory: Int, named: [UInt8]? = nil, _ changes: inout ChangeSet) {
    let name = named ?? newName()
    let file = File(
      id: nextID, inode: nextInode[directory], generation: UInt32(truncatingIfNeeded: generator.next()),
      directory: UInt64(directory) + 2, name: name,
      attributes: Attributes(
        mode: generator.below(12) == 0 ? 0o100_755 : 0o100_644, uid: 1_000, gid: 1_000, sizeBytes: newSize(),
        modified: time),
      changed: time, commit: commit)
    nextID += 1
    nextInode[directory] += 1
    byDirectory[directory].append(files.count)
    files.append(file)
    record(file, [.created, .content], [(file.directory, name, true)], &changes)
  }

  /// As editors do: written under another name, synced, then renamed over the old file.
  private mutating func save(in directory: Int, _ changes: inout ChangeSet) {
    guard let place = pick(directory) else { return create(in: directory, &changes) }
    let old = take(place, from: directory)
    record(old, .removed, [(old.directory, old.name, false)], &changes)
    create(in: directory, named: old.name, &changes)
    // The rename moves the ctime once more.
    let lag = UInt32(generator.below(4_000_000))
    changes.objects[changes.objects.count - 1].changed.nanoseconds = min(time.nanoseconds + lag, 999_999_999)
    files[files.count - 1].changed = changes.objects[changes.objects.count - 1].changed
  }

  private mutating func rewrite(in directory: Int, _ changes: inout ChangeSet) {
    guard let place = pick(directory) else { return }
    let index = byDirectory[directory][place]
    files[index].attributes.modified = time
    files[index].attributes.sizeBytes = newSize()
    files[index].changed = time
    files[index].commit = commit
    record(files[index], [.content, .attributes], [], &changes)
  }

  private mutating func remove(in directory: Int, _ changes: inout ChangeSet) {
    guard byDirectory[directory].count > 10, let place = pick(directory) else { return }
    let file = take(place, from: directory)
    record(file, .removed, [(file.directory, file.name, false)], &changes)
  }

  private mutating func rename(from directory: Int, to target: Int, _ changes: inout ChangeSet) {
    guard let place = pick(directory) else { return }
    var file = take(place, from: directory)
    let lost = (file.directory, file.name, false)
    file.directory = UInt64(target) + 2
    if target == directory || generator.below(2) == 0 { file.name = newName() }
    file.changed = time
    file.commit = commit
    byDirectory[target].append(files.count)
    files.append(file)
    record(file, [], [lost, (file.directory, file.name, true)], &changes)
  }

  private mutating func changeMode(in directory: Int, _ changes: inout ChangeSet) {
    guard let place = pick(directory) else { return }
    let index = byDirectory[directory][place]
    files[index].attributes.mode ^= 0o111
    files[index].changed = time
    files[index].commit = commit
    record(files[index], .attributes, [], &changes)
  }

  // MARK: Drawing

  /// The place of a file of a directory that this commit has not spoken of; recent ones come more often.
  private mutating func pick(_ directory: Int) -> Int? {
    let count = UInt64(byDirectory[directory].count)
    guard count > 0 else { return nil }
    for _ in 0..<8 {
      let back = min(generator.below(count), generator.below(count))
      let place = Int(count - 1 - back)
      if files[byDirectory[directory][place]].commit != commit { return place }
    }
    return nil
  }

  private mutating func take(_ place: Int, from directory: Int) -> File {
    files[byDirectory[directory].remove(at: place)]
  }

  private mutating func newSize() -> UInt64 {
    generator.below(1 << (8 + generator.below(14)))
  }

  private mutating func newName() -> [UInt8] {
    let words = ["report", "notes", "draft", "photo", "invoice", "index", "main", "test", "letter", "plan"]
    let endings = [".txt", ".md", ".jpg", ".pdf", ".c", ".o", ".html", ".json", ".odt", ""]
    let word = words[Int(generator.below(10))], ending = endings[Int(generator.below(10))]
    return Array(
      (generator.below(4) == 0
        ? "f_\(String(generator.below(1 << 24), radix: 16))" : "\(word)-\(generator.below(3_000))\(ending)").utf8)
  }

  private func record(
    _ file: File, _ facts: ObjectChange.Facts, _ links: [(UInt64, [UInt8], Bool)], _ changes: inout ChangeSet
  ) {
    var object = ObjectChange(
      id: ObjectID(file.id), facts: facts, attributes: file.attributes, changed: file.changed,
      drainedSeconds: time.seconds, firstLink: UInt32(changes.links.count), linkCount: UInt32(links.count))
    if !facts.isDisjoint(with: [.created, .content]) {
      var handle = [UInt8](repeating: 0, count: 8)
      handle.withUnsafeMutableBytes {
        $0.storeBytes(of: file.inode.littleEndian, as: UInt32.self)
        $0.storeBytes(of: file.generation.littleEndian, toByteOffset: 4, as: UInt32.self)
      }
      object.key = handle.withUnsafeBytes { changes.store(ObjectKey(type: 1, bytes: $0)) }
    }
    for (parent, name, isGained) in links {
      changes.links.append(LinkChange(parent: ObjectID(parent), name: changes.store(name), isGained: isGained))
    }
    changes.objects.append(object)
  }
}

/// The same numbers for the same seed.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
}
