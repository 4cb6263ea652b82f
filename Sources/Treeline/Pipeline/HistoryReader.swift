import Journal
import LinuxSystem
import Tree

/// Reads a journal from its last checkpoint on, and makes the mirror of its last commit.
struct HistoryReader {
  let mirror: Mirror
  /// A scan was completed: the tree is known as a whole.
  private(set) var hasCompleteTree = false
  private(set) var lastTime: Timestamp? = nil
  private(set) var lastBoot: [UInt8]? = nil

  /// - Throws: when the journal is damaged, or contradicts itself.
  init(_ path: [UInt8], root: ObjectKey) throws(TreelineError) {
    var loader = MirrorLoader(root: root)
    var nextID = ObjectID.first
    do {
      let reader = try JournalReader.open(at: path)
      if let checkpoint = try reader.checkpoint(atOrBefore: nil) {
        var changes = ChangeSet()
        while try checkpoint.next(&changes) { try loader.apply(changes) }
        nextID = checkpoint.nextObjectID
        hasCompleteTree = true
        guard try reader.seek(after: checkpoint.cursor) else {
          throw JournalError.damaged(
            Finding(
              file: printable(path), offset: 0, sequence: checkpoint.cursor.sequence,
              what: "the commit of the last checkpoint is missing, or is another one"))
        }
      }
      var commit = Commit()
      while try reader.next(&commit) {
        try loader.apply(commit.changes)
        if !commit.header.flags.contains(.partial) { hasCompleteTree = true }
        lastTime = commit.header.time
        for mark in commit.marks where mark.kind == .start { lastBoot = mark.payload }
      }
    } catch let error as JournalError {
      throw TreelineError(error, journal: path)
    } catch let error as LoadError {
      throw TreelineError(
        "read the journal", path: path, why: "it contradicts itself (\(error))",
        advice: "`treeline journal verify` tells more; begin a new one with --journal",
        exitCode: .damaged)
    } catch {
      preconditionFailure("only the journal and the loader throw here")
    }
    mirror = loader.finish(nextID: nextID)
  }
}
