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
    at path: [UInt8], source: SourceMark, sourcePath: [UInt8], reporter: any Reporter
  ) throws(TreelineError) {
    let identity = SourceIdentity(
      path: sourcePath, rootKey: source.rootKey, filesystem: source.filesystem)
    do throws(JournalError) {
      if !Self.exists(path) {
        writer = try JournalWriter.create(at: path, source: identity)
      } else {
        writer = try JournalWriter.open(at: path)
      }
    } catch {
      throw TreelineError(error, journal: path)
    }
    if let dropped = writer.recovery.message { reporter.report(.warning(dropped)) }
    let known = writer.source
    guard known.rootKey == identity.rootKey, known.filesystem == identity.filesystem else {
      throw TreelineError(
        "go on with the journal", path: path,
        why: "\(printable(sourcePath)) is not the directory that it was made of: it is on another "
          + "filesystem, or another directory under the same name",
        advice: "mount the right one; or begin a new history with --journal, and take the "
          + "destination over with --adopt times", exitCode: .halted)
    }
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

  private static func exists(_ path: [UInt8]) -> Bool {
    withCString(path + Array("/HEAD".utf8)) { access($0, F_OK) == 0 }
  }
}
