import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Does what is safe about a journal that is not as it should be, and says each thing.
///
/// Nothing that was durable and can be read is changed or removed: what cannot be read is renamed, so that
/// nobody takes it for a part of the journal, and stays there.
public struct JournalRepair {
  /// What was done, one line each, for a person.
  public private(set) var done: [String] = []
  /// What is still wrong.
  public private(set) var remaining: [Finding] = []

  /// Files that mean nothing once a crash left them.
  private static let leftovers = [
    "segment.new", "checkpoint.new", "HEAD.new", "OLDEST.new", "excludes.new", "destinations.new", "doubt.new", "mounts.new",
    JournalCompaction.temporaryName,
  ]
  private static let cursorsMax = 1_000

  private let directory: JournalDirectory

  /// Repairs the journal at a path.
  ///
  /// - Throws: `locked` while it is written; `notAJournal` where there is none, and where no commit is.
  public init(at journal: [UInt8]) throws(JournalError) {
    directory = try JournalDirectory(path: journal)
    do {
      let lock = try JournalWriter.takeLock(directory)
      defer { try? FileBytes.unlock(lock.raw) }
      try repairHead()
      try removeLeftovers()
      try setAsideCheckpoints()
      try setAsideCursors()
    }
    var isWritable = true
    do throws(JournalError) {
      // A writer drops the torn tail, and keeps it.
      if let message = try JournalWriter.open(at: journal).recovery.message { done.append(message) }
    } catch {
      switch error {
      case .damaged(let finding): remaining.append(finding)
      // Its HEAD could not be made anew, and why is said.
      case .notAJournal where !remaining.isEmpty: break
      default: throw error
      }
      isWritable = false
    }
    if isWritable { try repairIndexes(journal) }
    let found = try JournalVerification(at: journal).findings
    remaining = isWritable ? found : found + remaining.filter { !found.contains($0) }
  }

  /// Makes indexes anew that are damaged, or do not say what their segments or checkpoint do.
  private mutating func repairIndexes(_ journal: [UInt8]) throws(JournalError) {
    do throws(JournalError) {
      for name in try IndexVerification(directory).wrong {
        do throws(Errno) { try Names.removeFile(name, in: directory.descriptor.raw) } catch {
          throw .io(error, doing: "remove", file: name)
        }
        done.append("\(name) did not say what it should and was made anew")
      }
      try JournalIndex.build(at: journal, isChecked: true)
    } catch {
      // What is damaged is told by verifying it; without an index it is read.
      guard case .damaged = error else { throw error }
    }
  }

  private mutating func removeLeftovers() throws(JournalError) {
    let cursors = try directory.names(ending: JournalDirectory.cursorEnding + ".new", limit: Self.cursorsMax)
    for name in Self.leftovers + cursors.map({ $0 + JournalDirectory.cursorEnding + ".new" }) {
      do throws(Errno) { try Names.removeFile(name, in: directory.descriptor.raw) } catch {
        if error == .noSuchFileOrDirectory { continue }
        throw .io(error, doing: "remove", file: name)
      }
      done.append("\(name), which an interrupted run left, was removed")
    }
    try directory.sync()
  }

  // MARK: HEAD

  /// Makes a `HEAD` where there is none that can be read: of the last commit that is whole, if every one
  /// before it is.
  private mutating func repairHead() throws(JournalError) {
    let bytes = try directory.read(Head.fileName, limit: 4_096)
    if let bytes, Head.decode(bytes) != nil { return }
    guard let end = try lastWhole() else { return }
    guard end.sequence > .zero else { throw .notAJournal(directory.path) }
    if bytes != nil { try setAside(Head.fileName) }
    // Both slots, as a writer that went on would have left them.
    try directory.replace(
      Head.fileName,
      with: Head(generation: 2, cursor: end).encoded() + Head(generation: 1, cursor: end).encoded())
    done.append(
      "HEAD was \(bytes == nil ? "missing" : "not as it was written") and was made anew: it names commit "
        + "\(end.sequence.rawValue), the last that is whole; whether there were later ones cannot be told")
  }

  /// The last commit in unbroken order; nil, and a finding, where something but the end is damaged.
  private mutating func lastWhole() throws(JournalError) -> Cursor? {
    let beginning: FileHeader
    do throws(JournalError) { beginning = try JournalReader.beginning(of: directory) } catch {
      guard case .damaged(let finding) = error else { throw error }
      remaining.append(finding)
      return nil
    }
    var cursor = Cursor(
      journal: beginning.journal, sequence: Sequence(beginning.sequence.rawValue - 1),
      chain: beginning.chain)
    let segments = try directory.numbers(ending: JournalDirectory.segmentEnding)
      .filter { $0 >= beginning.sequence }
    let decompressor = Decompressor()
    var commits = CommitReader()
    var commit = Commit()
    for number in segments {
      let name = JournalDirectory.name(number, ending: JournalDirectory.segmentEnding)
      func damaged(_ what: String, _ offset: Int64) {
        remaining.append(Finding(file: name, offset: offset, sequence: cursor.sequence.next, what: what))
      }
      do throws(JournalError) {
        let opened = try JournalReader.openFile(directory, number, JournalDirectory.segmentEnding)
        guard opened.header.sequence == cursor.sequence.next, opened.header.chain == cursor.chain,
          opened.header.journal == cursor.journal
        else {
          damaged("it does not follow the segment before it", 0)
          return nil
        }
        let frames = FrameReader(
          opened.file.raw, offset: Int64(opened.headerBytes), decompressor: decompressor)
        var stop: CommitReader.Stop? = nil
        while stop == nil {
          stop = try commits.read(frames, after: cursor, &commit, file: name)
          if stop == nil { cursor = commit.cursor }
        }
        // What is no whole frame before a file's end may have been durable, and other commits may follow.
        guard stop!.isBorder || (stop!.isEnd && number == segments.last) else {
          damaged(stop!.what, stop!.offset)
          return nil
        }
      } catch .damaged(let finding) {
        remaining.append(finding)
        return nil
      }
    }
    return cursor
  }

  // MARK: What cannot be read

  /// A checkpoint saves reading; one that cannot be read is needed by nobody, as long as the tree can be made
  /// without it.
  private mutating func setAsideCheckpoints() throws(JournalError) {
    guard let reader = try? JournalReader(directory) else { return }
    let numbers = try directory.numbers(ending: JournalDirectory.checkpointEnding)
    var bad: [Sequence] = []
    for number in numbers {
      do throws(JournalError) {
        let checkpoint = try CheckpointReader(directory, number, journal: reader.id)
        var changes = ChangeSet()
        while try checkpoint.next(&changes) {}
      } catch {
        guard case .damaged = error else { throw error }
        bad.append(number)
      }
    }
    // Without a checkpoint that can be read the tree is made from commit 1 on.
    guard reader.oldest.sequence == .zero || bad.count < numbers.count else { return }
    for number in bad {
      let name = JournalDirectory.name(number, ending: JournalDirectory.checkpointEnding)
      let aside = try setAside(name)
      done.append("\(name) cannot be read and was kept aside as \(aside)")
    }
  }

  private mutating func setAsideCursors() throws(JournalError) {
    for finding in try JournalCursors(directory).all().damaged {
      let aside = try setAside(finding.file)
      done.append(
        "\(finding.file) cannot be read and was kept aside as \(aside): nothing is held for its consumer")
    }
  }

  @discardableResult
  private func setAside(_ name: String) throws(JournalError) -> String {
    let aside = "damaged-\(name)-\(UInt32.random(in: 0...UInt32.max))"
    try directory.rename(name, to: aside)
    return aside
  }
}
