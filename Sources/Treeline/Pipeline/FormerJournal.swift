import Capture
import Glibc
import Journal
import LinuxSystem
import SystemPackage

/// A journal of a source that is not there any more, where another directory is in its place: restored,
/// on another disk, or on a filesystem that has other handles after each mount.
///
/// Handles tell nothing of such a directory, so what is known cannot be followed. A new journal begins,
/// and the destination is taken over by paths and attributes.
struct FormerJournal {
  private let path: [UInt8]
  private let source: SourceIdentity
  /// More names than a person ever looks through.
  private static let numbersMax = 999

  init(_ path: [UInt8], of source: SourceIdentity) {
    self.path = path
    self.source = source
  }

  /// Moves the journal aside, if a person asked to take the destination over and the source does not
  /// look like one that is away.
  func setAside(
    for mark: SourceMark, _ options: BackupOptions, _ reporter: any Reporter
  ) throws(TreelineError) {
    let source = printable(options.source)
    guard options.adopt != nil else {
      throw TreelineError(
        "go on with the journal", path: path,
        why: "\(source) is not the directory that it was made of: it is on another "
          + "filesystem, or another directory under the same name",
        advice: "mount the right one; if it was restored or is on another disk now, start once with "
          + "--adopt times, which compares and deletes nothing", exitCode: .halted)
    }
    // A mount point without its filesystem must never pass for a source that was emptied.
    let known = try HistoryReader(path, root: self.source.rootKey).mirror.nodeCount - 1
    let wanted = Self.entriesMin(known, maxDelete: options.maxDelete)
    guard mark.hasEntries(wanted) else {
      throw TreelineError(
        "take over", path: options.source,
        why: "it has less than \(wanted) entries, and its backup has \(known)",
        advice: "mount or restore the right one; if that was meant, start again with --max-delete 100",
        exitCode: .halted)
    }
    let aside = try move()
    reporter.report(
      .warning(
        "\(source) is another directory than before: a new journal begins, and the former one is \(printable(aside))"))
  }

  /// How many entries a source must have at least that is to be taken for one that had `known`.
  static func entriesMin(_ known: Int, maxDelete: Int) -> Int {
    guard maxDelete < 100, known > 0 else { return 0 }
    return known < RemovalGuard.countMin ? 1 : known * (100 - maxDelete) / 100
  }

  private func move() throws(TreelineError) -> [UInt8] {
    var trimmed = path
    while trimmed.count > 1, trimmed.last == UInt8(ascii: "/") { trimmed.removeLast() }
    var failure = EEXIST
    for number in 1...Self.numbersMax {
      let aside = trimmed + Array(".\(number)".utf8)
      let code = withCString(trimmed) { from in
        // An empty directory of that name would be replaced, and is no loss.
        withCString(aside) { to in rename(from, to) == 0 ? 0 : errno }
      }
      if code == 0 { return aside }
      failure = code
      guard code == ENOTEMPTY || code == EEXIST || code == ENOTDIR else { break }
    }
    throw TreelineError("set aside", path: path, Errno(rawValue: failure))
  }
}
