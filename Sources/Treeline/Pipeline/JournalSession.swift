import Capture
import Glibc
import Journal
import LinuxSystem
import SystemPackage
import Tree

/// The journal of a source, open for writing, and the mirror that it makes.
///
/// One thread uses it at a time: the one that opened it, then the capture stage.
struct JournalSession: @unchecked Sendable {
  let writer: JournalWriter
  let mirror: Mirror
  /// Whether the journal holds no complete tree yet: the first scan goes into partial commits.
  let isFirstScan: Bool
  /// After a power cut new times may stand over old data: files changed from here on are suspect.
  let suspectFrom: Timestamp?

  /// After an end under another boot, this much before the last commit is suspect: longer
  /// than a kernel lets dirty pages wait.
  private static let doubtSeconds: Int64 = 600

  /// Opens the journal of a marked source, or makes it.
  init(
    of source: SourceMark, _ options: BackupOptions, reporter: any Reporter
  ) throws(TreelineError) {
    let path = options.journal
    let identity = SourceIdentity(
      path: options.source, rootKey: source.rootKey, filesystem: source.filesystem)
    var isThere = Self.exists(path)
    if isThere, let former = try Self.otherSource(of: path, than: identity) {
      try FormerJournal(path, of: former).setAside(for: source, options, reporter)
      isThere = false
    }
    do throws(JournalError) {
      writer = try isThere
        ? JournalWriter.open(at: path) : JournalWriter.create(at: path, source: identity)
    } catch {
      throw TreelineError(error, journal: path)
    }
    writer.retention = Retention(options)
    if let dropped = writer.recovery.message { reporter.report(.warning(dropped)) }
    let history = try HistoryReader(path, root: identity.rootKey)
    mirror = history.mirror
    isFirstScan = !history.hasCompleteTree
    // Also after a stop in order: what was copied before it may have been in memory alone.
    if let last = history.lastTime, history.lastBoot != bootID {
      suspectFrom = Timestamp(seconds: last.seconds - Self.doubtSeconds, nanoseconds: 0)
    } else {
      suspectFrom = nil
    }
  }

  /// The source that a journal is about, if it is another one.
  private static func otherSource(
    of journal: [UInt8], than identity: SourceIdentity
  ) throws(TreelineError) -> SourceIdentity? {
    do throws(JournalError) {
      // Opened for writing, because nobody else may have it open then.
      let known = try JournalWriter.open(at: journal).source
      return known.rootKey == identity.rootKey && known.filesystem == identity.filesystem ? nil : known
    } catch {
      throw TreelineError(error, journal: journal)
    }
  }

  private static func exists(_ path: [UInt8]) -> Bool {
    withCString(path + Array("/HEAD".utf8)) { access($0, F_OK) == 0 }
  }
}
