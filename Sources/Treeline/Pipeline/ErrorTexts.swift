import Capture
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
        advice: "run as root, or with CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH; or use --mark inode")
    case .subvolume:
      self.init(
        what, path: source, why: "a btrfs subvolume, which it lies in or holds, can only be marked with its whole filesystem",
        advice: "use --mark filesystem, which marks all subvolumes at once")
    case .topLevel(let errno):
      self.init(
        what, path: source,
        why: "it lies in a btrfs subvolume, and the top level, which is to be marked, cannot be mounted (\(errno))",
        advice: "let the program reach the devices of the filesystem; in a container it needs them too")
    case .unsupportedFilesystem(let errno):
      self.init(
        what, path: source,
        why: "its filesystem gives no lasting file handles or reports no events (\(errno))",
        advice: "use --mark inode, which marks each directory; overlayfs can be marked as a whole "
          + "with the mount options nfs_export=on,index=on; `treeline doctor PATH` tells more")
    case .tooManyGroups:
      self.init(
        what, path: source, why: "there are too many fanotify groups, or open files",
        advice: "raise fs.fanotify.max_user_groups or the limit of open files")
    case .tooManyMarks:
      self.init(
        what, path: source,
        why: "each of its directories needs a mark, and there are as many as a user may have",
        advice: "raise fs.fanotify.max_user_marks with sysctl, or, as root, use --mark filesystem")
    case .processesUnknown(let errno):
      self.init(
        what, path: source,
        why: "--who is only told of processes by a mark of the whole filesystem, which is refused (\(errno))",
        advice: "run as root, on a filesystem that can be marked as a whole; or do without --who")
    case .marking(let errno):
      self.init("mark a directory in", path: source, errno)
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

extension Duration {
  /// Whole nanoseconds; far more than a year does not fit and is cut.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product &+ attoseconds / 1_000_000_000
  }
}
