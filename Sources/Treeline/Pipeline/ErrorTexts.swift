import Capture
import Journal
import SystemPackage

extension TreelineError {
  /// What a person is told when a source cannot be watched.
  init(_ error: CaptureError, source: [UInt8]) {
    let what = "watch"
    switch error {
    case .unavailable(let errno):
      self.init(what, path: source, errno, exitCode: .unavailable)
    case .notADirectory:
      self.init(what, path: source, why: "it is not a directory", exitCode: .failed)
    case .notPermitted:
      self.init(
        what, path: source, why: "the kernel does not permit it",
        advice: "run as root, or with CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH")
    case .subvolume:
      self.init(
        what, path: source, why: "it lies in a btrfs subvolume, which cannot be marked by itself",
        advice: "back up a directory of the top-level subvolume")
    case .unsupportedFilesystem(let errno):
      self.init(
        what, path: source,
        why: "its filesystem gives no lasting file handles or reports no events (\(errno))",
        advice: "overlayfs needs the mount options nfs_export=on,index=on; FUSE and network "
          + "filesystems cannot be watched; `treeline doctor PATH` tells more")
    case .tooManyGroups:
      self.init(
        what, path: source, why: "there are too many fanotify groups, or open files",
        advice: "raise fs.fanotify.max_user_groups or the limit of open files")
    case .reading(let errno):
      self.init("read the events of", path: source, errno)
    case .sourceDeleted:
      self.init(
        "go on with", path: source,
        why: "the source directory itself was deleted; the destination was left as it was",
        advice: "restore the source from the destination, or remove the journal",
        exitCode: .halted)
    }
  }
}

extension TreelineError {
  /// What a person is told when a journal cannot be used.
  package init(_ error: JournalError, journal: [UInt8]?) {
    switch error {
    case .io(let errno, let doing, let file):
      self.init("\(doing) the journal's file \(file) in", path: journal, errno)
    case .notAJournal(let path):
      self.init(
        "open the journal", path: journal ?? Array(path.utf8), why: "there is no journal",
        advice: "`treeline journal list` shows those that are known")
    case .locked(let pid):
      self.init(
        "open the journal", path: journal,
        why: pid.map { "process \($0) is writing to it" } ?? "another process is writing to it",
        advice: "stop that process, or ask it with `treeline status`", exitCode: .locked)
    case .unsupportedVersion(let version, let file):
      self.init(
        "read the journal", path: journal,
        why: "\(file) has version \(version), and this program knows version 1",
        advice: "use a newer treeline", exitCode: .damaged)
    case .insecure(let path):
      self.init(
        "trust the journal", path: journal ?? Array(path.utf8),
        why: "others than root own it or may write to it",
        advice: "chown it to root and take write permission from all others")
    case .damaged(let finding):
      self.init(
        "read the journal", path: journal,
        why: "\(finding.file) is damaged at byte \(finding.offset)"
          + (finding.sequence.map { ", commit \($0.rawValue)" } ?? "") + ": \(finding.what)",
        advice: "`treeline journal verify` tells what is still whole; begin a new journal with "
          + "--journal and --adopt times", exitCode: .damaged)
    case .failedBefore:
      self.init("write the journal", path: journal, why: "an earlier write to it failed")
    case .recordTooLarge(let id):
      self.init(
        "write the journal", path: journal,
        why: "object \(id.rawValue) has more than 16 MiB of extended attributes")
    }
  }
}

extension Duration {
  /// Whole nanoseconds; far more than a year does not fit and is cut.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product &+ attoseconds / 1_000_000_000
  }
}
