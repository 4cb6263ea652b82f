// Writes a journal of many records, as years of work give one, and indexes it as the running program does.
//
//     longjournal DIRECTORY RECORDS [SEED [BYTES]]
//
// A twentieth of the records makes the files, 25 in each directory. Then commits of 1,000 files chosen at
// random: one of 16 is renamed, the others are written. Checkpoints stand where the program leaves them. With BYTES, what is older than
// so much is dropped: such a journal begins with a checkpoint.
import Glibc
import Journal
import LinuxSystem
import Tree

/// SplitMix64.
struct Generator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

struct LongJournal {
  private static let filesInDirectory = 25
  private static let recordsInCommit = 1_000

  private let records: Int
  private let files: Int
  private let directories: Int
  private let writer: JournalWriter
  private var generator: Generator
  private var changes = ChangeSet()
  private var version: [UInt8]
  private var seconds: Int64 = 1_700_000_000

  init(_ path: [UInt8], records: Int, seed: UInt64, bytes: UInt64?) throws(JournalError) {
    self.records = records
    files = records / 20
    directories = files / Self.filesInDirectory
    generator = Generator(state: seed)
    version = [UInt8](repeating: 0, count: files)
    let key = [UInt8](repeating: 1, count: 8).withUnsafeBytes { ObjectKey(type: 1, bytes: $0) }
    writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: Array("/source".utf8), rootKey: key, filesystem: [1]))
    if let bytes { writer.retention = Retention(bytes: bytes) }
  }

  private func id(_ file: Int) -> UInt64 { UInt64(2 + directories + file) }
  private func parent(_ file: Int) -> UInt64 { UInt64(2 + file / Self.filesInDirectory) }
  private func name(_ file: Int) -> String { "f\(file)-\(version[file])" }

  private mutating func add(
    _ id: UInt64, _ facts: ObjectChange.Facts, mode: UInt32, size: UInt64 = 0,
    links: [(parent: UInt64, name: String, isGained: Bool)] = []
  ) {
    let time = Timestamp(
      seconds: seconds, nanoseconds: UInt32.random(in: 0..<1_000_000_000, using: &generator))
    var object = ObjectChange(
      id: ObjectID(id), facts: facts,
      attributes: Attributes(mode: mode, uid: 1_000, gid: 1_000, sizeBytes: size, modified: time), changed: time,
      drainedSeconds: seconds, firstLink: UInt32(changes.links.count), linkCount: UInt32(links.count))
    for link in links {
      let name = changes.store(Array(link.name.utf8))
      changes.links.append(LinkChange(parent: ObjectID(link.parent), name: name, isGained: link.isGained))
    }
    if facts.contains(.created) || facts.contains(.content) {
      let key = withUnsafeBytes(of: (id &* 0x9E37_79B9, UInt32(truncatingIfNeeded: id))) {
        ObjectKey(type: 1, bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(12)))
      }
      object.key = changes.store(key)
    }
    changes.objects.append(object)
  }

  private mutating func addDirectories() {
    for directory in 0..<directories {
      add(UInt64(2 + directory), .created, mode: 0o040755, links: [(1, "directory-\(directory)", true)])
    }
  }

  private mutating func addFile(_ file: Int) {
    add(
      id(file), [.created, .content], mode: 0o100644, size: UInt64(file),
      links: [(parent(file), name(file), true)])
  }

  private mutating func commit(_ flags: CommitFlags, _ marks: [Mark] = []) throws(JournalError) {
    seconds += 3
    try writer.append(
      changes, marks: marks, flags: flags,
      rawTime: Timestamp(seconds: seconds, nanoseconds: UInt32.random(in: 0..<1_000_000_000, using: &generator)),
      drainedSeconds: seconds)
    changes.removeAll()
  }

  private mutating func checkpoint() throws(JournalError) {
    let checkpoint = try writer.beginCheckpoint(at: writer.sync(), nextObjectID: ObjectID(id(files)))
    addDirectories()
    for file in 0..<files {
      addFile(file)
      if changes.objects.count < 10_000 { continue }
      try checkpoint.add(changes)
      changes.removeAll()
    }
    try checkpoint.add(changes)
    changes.removeAll()
    try checkpoint.commit()
  }

  private mutating func change(_ file: Int) {
    guard file % 16 == 0 else {
      return add(id(file), [.content, .attributes], mode: 0o100644, size: UInt64(seconds))
    }
    let old = name(file)
    version[file] &+= 1
    add(
      id(file), [], mode: 0o100644, size: UInt64(file),
      links: [(parent(file), old, false), (parent(file), name(file), true)])
  }

  mutating func write() throws(JournalError) {
    addDirectories()
    try commit(.partial, [Mark(kind: .start)])
    for file in 0..<files {
      addFile(file)
      if changes.objects.count == Self.recordsInCommit { try commit(.partial) }
    }
    try commit(.exact, [Mark(kind: .scan)])
    var done = files + directories
    var sinceCheckpoint = 0
    while done < records {
      var touched: Set<Int> = []
      while touched.count < Self.recordsInCommit {
        touched.insert(Int.random(in: 0..<files, using: &generator))
      }
      for file in touched.sorted() { change(file) }
      try commit(.exact)
      done += Self.recordsInCommit
      sinceCheckpoint += Self.recordsInCommit
      if sinceCheckpoint > max(files, 1 << 16) {
        try checkpoint()
        sinceCheckpoint = 0
        guard writer.retention.bytes != nil else { continue }
        try writer.seal()
        _ = try writer.retire(now: .zero)
      }
    }
    try writer.sync()
  }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let records = Int(arguments[2]), records >= 20_000 else {
  fatalError("longjournal DIRECTORY RECORDS [SEED [BYTES]], at least 20,000")
}
let path = Array(arguments[1].utf8)
do {
  var journal = try LongJournal(
    path, records: records, seed: arguments.count > 3 ? UInt64(arguments[3])! : 1,
    bytes: arguments.count > 4 ? UInt64(arguments[4])! : nil)
  try journal.write()
  try JournalIndex.build(at: path)
} catch {
  print("failed: \(error)")
  exit(1)
}
