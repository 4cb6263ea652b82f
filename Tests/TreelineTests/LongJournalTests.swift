import Glibc
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree
import Treeline

/// A journal of many records, as years of work give one; `TREELINE_FULL=1` has ten million.
@Suite(.enabled(if: Products.treelineWorks, "the program is not built"))
struct LongJournalTests {
  private static let records = Thoroughness.isFull ? 10_000_000 : 100_000
  private static let files = records / 20
  private static let filesInDirectory = 25
  private static let recordsInCommit = 1_000

  /// Each file is made, and then written or renamed at random; a checkpoint stands in the middle and
  /// one near the end, as the running program leaves them.
  static func write(to path: [UInt8]) throws {
    var generator = SeededGenerator(Thoroughness.seed())
    let key = [UInt8](repeating: 1, count: 8).withUnsafeBytes { ObjectKey(type: 1, bytes: $0) }
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: Array("/source".utf8), rootKey: key, filesystem: [1]))
    var seconds: Int64 = 1_700_000_000
    var nanoseconds: UInt32 = 0
    var literal = ChangeSetLiteral()
    let directories = files / filesInDirectory
    var version = [UInt8](repeating: 0, count: files)
    func id(_ file: Int) -> UInt64 { UInt64(2 + directories + file) }
    func parent(_ file: Int) -> UInt64 { UInt64(2 + file / filesInDirectory) }
    func name(_ file: Int) -> String { "f\(file)-\(version[file])" }
    func commit(_ flags: CommitFlags, _ marks: [Mark] = []) throws {
      seconds += 3
      nanoseconds = UInt32.random(in: 0..<1_000_000_000, using: &generator)
      _ = try writer.append(
        literal.changes, marks: marks, flags: flags,
        rawTime: Timestamp(seconds: seconds, nanoseconds: nanoseconds), drainedSeconds: seconds)
      literal.changes.removeAll()
    }
    func checkpoint() throws {
      _ = try writer.sync()
      let checkpoint = try writer.beginCheckpoint(at: writer.last, nextObjectID: ObjectID(id(files)))
      for directory in 0..<directories {
        literal.directory(UInt64(2 + directory), 1, "directory-\(directory)")
      }
      try checkpoint.add(literal.changes)
      literal.changes.removeAll()
      for file in 0..<files {
        literal.file(id(file), parent(file), name(file), size: UInt64(file))
        if literal.changes.objects.count == 10_000 {
          try checkpoint.add(literal.changes)
          literal.changes.removeAll()
        }
      }
      try checkpoint.add(literal.changes)
      literal.changes.removeAll()
      try checkpoint.commit()
    }
    for directory in 0..<directories {
      literal.directory(UInt64(2 + directory), 1, "directory-\(directory)")
    }
    try commit(.partial, [Mark(kind: .start)])
    for file in 0..<files {
      literal.file(id(file), parent(file), name(file), size: UInt64(file))
      if literal.changes.objects.count == recordsInCommit { try commit(.partial) }
    }
    try commit(.exact, [Mark(kind: .scan)])
    var done = files + directories
    var sinceCheckpoint = 0
    while done < records {
      var touched: Set<Int> = []
      while touched.count < recordsInCommit { touched.insert(Int.random(in: 0..<files, using: &generator)) }
      for file in touched.sorted() {
        if file % 16 == 0 {
          let old = name(file)
          version[file] &+= 1
          literal.change(
            id(file), [], size: UInt64(file), lost: [(parent(file), old)],
            gained: [(parent(file), name(file))])
        } else {
          literal.change(id(file), [.content, .attributes], size: UInt64(done))
        }
      }
      try commit(.exact)
      done += recordsInCommit
      sinceCheckpoint += recordsInCommit
      if sinceCheckpoint > max(files, 1 << 16) {
        try checkpoint()
        sinceCheckpoint = 0
      }
    }
    _ = try writer.sync()
  }

  @Test func itsEndAndOnePathAreFoundAndItsNumbersAreRight() throws {
    let directory = try TemporaryDirectory()
    let given = getenv("TREELINE_LONG_JOURNAL").map { String(cString: $0) }
    let path = given ?? directory["journal"]
    if (try? JournalReader.open(at: Array(path.utf8))) == nil { try Self.write(to: Array(path.utf8)) }
    func read(_ arguments: String...) throws -> CommandOutput {
      let output = try run([Products.treeline] + arguments, timeout: .seconds(300))
      print("\(arguments.joined(separator: " ")): \(output.duration)")
      try #require(output.exitCode == 0, "\(output)")
      return output
    }
    let tail = try read("journal", "show", path, "--tail", "20").standardOutput.split(separator: "\n")
    #expect(tail.count == 20)
    let last = String(tail[19].split(separator: "\t")[0])
    let whole = try read("journal", "show", path, "--since", last)
    #expect(whole.standardOutput.split(separator: "\n").suffix(20) == tail)
    let file = String(tail[19].split(separator: "\t")[3].split(separator: " ").last!)
    let history = try read("history", "--journal", path, file).standardOutput.split(separator: "\n")
    #expect(history.first?.contains("create") == true)
    #expect(history.last?.split(separator: "\t")[0] == Substring(last))
    let stat = try read("journal", "stat", "--json", path).standardOutput
    let value = try #require(JSONValue(Array(stat.utf8)))
    #expect(value["objects"].unsigned! >= UInt64(Self.records))
    #expect(value["checkpoints"].elements.count >= 1)
  }
}
