import Journal
import LinuxSystem
import SystemPackage

extension TreelineError {
  /// What a person is told of a journal's error.
  ///
  /// - Parameter journal: the journal's directory.
  public init(_ error: JournalError, journal: [UInt8]?) {
    switch error {
    case .io(let errno, let doing, let file):
      self.init(
        "\(doing) \(printable(Array(file.utf8))) of the journal", path: journal, errno,
        advice: errno == .noSpace ? "make room and start again" : nil)
    case .notAJournal:
      self.init(
        "use the journal", path: journal, why: "there is no journal here",
        advice: "`treeline journal list` shows those known")
    case .locked(let pid):
      self.init(
        "write the journal", path: journal,
        why: pid.map { "process \($0) holds its lock" } ?? "another process holds its lock",
        advice: "stop that one first, or name another journal", exitCode: .locked)
    case .unsupportedVersion(let version, let file):
      self.init(
        "read \(printable(Array(file.utf8))) of the journal", path: journal,
        why: "it is of version \(version), which this program does not know",
        advice: "use a newer treeline", exitCode: .damaged)
    case .insecure:
      self.init(
        "trust the journal", path: journal, why: "others own it or may write it",
        advice: "make it root's and nobody else's to write")
    case .damaged(let finding):
      self.init(
        "read the journal", path: journal, why: finding.line,
        advice: "`treeline journal verify` lists all that is wrong", exitCode: .damaged)
    case .dropped(let end):
      self.init(
        "read the journal", path: journal,
        why: "its commits up to \(end.rawValue) were dropped, and one of them is needed here",
        advice: "a destination that stands there is compared as a whole with --adopt times; --retain "
          + "keeps more, and a cursor holds what its destination needs", exitCode: .damaged)
    case .failedBefore:
      self.init(
        "go on writing the journal", path: journal,
        why: "an earlier sync failed, so what reached the disk is not known",
        advice: "see what the kernel log says of the disk, then start again")
    case .recordTooLarge(let id):
      self.init(
        "write the journal", path: journal,
        why: "object \(id.rawValue) has more extended attributes than a record holds")
    }
  }
}

extension Finding {
  /// What is wrong and where, in one line.
  public var line: String {
    var line = "\(printable(Array(file.utf8))), byte \(offset)"
    if let sequence { line += ", commit \(sequence.rawValue)" }
    return line + ": \(printable(Array(what.utf8)))"
  }
}
