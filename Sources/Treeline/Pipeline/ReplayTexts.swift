import LinuxSystem
import Replay
import SystemPackage

/// What a person is told of an object that the destination does not hold as it should.
package func describe(_ reason: ReplayException.Reason) -> String {
  switch reason {
  case .pending: "its content has not settled, or is no longer to be had as the commit says"
  case .newer: "the destination holds a newer state than the commit"
  case .failed(.fileExists): "it cannot be made at the destination: another object has its name there, or one that counts as the same"
  case .failed(let errno): "it cannot be made at the destination: \(errno)"
  case .unreadable(let errno): "it cannot be read in the source: \(errno)"
  }
}

/// What a person is told of attributes that the destination cannot hold.
package func describe(_ loss: AttributeLoss) -> String {
  switch loss {
  case .owner(let errno): "owners (\(errno))"
  case .mode(let errno): "modes (\(errno))"
  case .extendedAttribute(let name, let errno):
    "extended attributes \(printable(name)) (\(errno))"
  case .time(let errno): "times (\(errno))"
  case .flags(let flags, let errno): "flags of chattr\(named(flags)) (\(errno))"
  }
}

private func named(_ flags: InodeFlags) -> String {
  let words: [(InodeFlags, String)] = [
    (.immutable, "immutable"), (.appendOnly, "append-only"), (.noDump, "no dump"),
  ]
  let named = words.filter { flags.contains($0.0) }.map(\.1).joined(separator: ", ")
  return named.isEmpty ? "" : ": \(named)"
}

/// What a person is told of an object with attributes that the destination cannot hold.
package func describe(_ lost: LostAttributes) -> String {
  let words: [(LostAttributes, String)] = [
    (.owner, "owner and group"), (.mode, "mode"), (.modified, "time"), (.accessLists, "ACL"),
    (.user, "extended attributes"), (.security, "security attributes"),
    (.trusted, "trusted attributes"), (.others, "other extended attributes"),
    (.flags, "flags of chattr"),
  ]
  let named = words.filter { lost.contains($0.0) }.map(\.1).joined(separator: ", ")
  return "the destination cannot hold all of it: \(named)"
}

/// What a person is told of a destination's losses, the first of many.
package func describeLosses(_ replayer: Replayer) -> [Status.Problem] {
  /// As many as a person reads; all are counted.
  let shownMax = 100
  if replayer.lossCount == 0 { return [] }
  var problems = replayer.someLosses(shownMax).map {
    Status.Problem(path: $0.path.isEmpty ? [0x2e] : $0.path, message: describe($0.lost))
  }
  let more = replayer.lossCount - problems.count
  if more > 0 {
    problems.append(
      Status.Problem(path: [], message: "the destination cannot hold all of \(more) more objects"))
  }
  return problems
}

/// What a person is told when a full destination gave up what it had kept.
let roomMadeText =
  "the destination is full: the oldest versions of replaced and removed files were let go of"

extension ReplayError {
  /// Whether waiting may help: a disk that is away comes back, a full one is emptied.
  var mayPass: Bool {
    switch self {
    case .unavailable, .missing, .destination, .history(.io), .history(.failedBefore): true
    default: false
    }
  }
}

extension TreelineError {
  /// What a person is told when a destination cannot be written.
  package init(_ error: ReplayError, destination: [UInt8]) {
    let what = "write to the destination"
    switch error {
    case .journal(let cause): self.init(cause, journal: nil)
    case .history(let cause):
      self.init(cause, journal: destination + Array("/.treeline/history".utf8))
    case .destination(let errno, let doing):
      self.init(
        "\(doing) at the destination", path: destination, errno, advice: Self.advice(errno),
        exitCode: .failed)
    case .unavailable(let errno):
      self.init(
        what, path: destination, errno, advice: Self.advice(errno), exitCode: .unavailable)
    case .missing:
      self.init(
        what, path: destination, why: "the copy that was there is missing",
        advice: "mount the disk that it is on; or, to make a new copy in this directory, begin again with --adopt times",
        exitCode: .unavailable)
    case .notOurs:
      self.init(
        "read the destination", path: destination, why: "it is not a destination of treeline",
        advice: "give the directory that `treeline backup` writes to")
    case .notEmpty:
      self.init(
        what, path: destination, why: "it is not empty, and not a destination of treeline",
        advice: "choose an empty directory, or take it over with --adopt times or --adopt checksum")
    case .otherJournal:
      self.init(
        what, path: destination, why: "it belongs to another journal",
        advice: "use that journal, or take the destination over with --adopt times")
    case .untrusted(let why):
      self.init(
        what, path: destination, why: why,
        advice: "see that its .treeline belongs to you and that nobody else may write to it")
    case .foldsNames(let why):
      self.init(
        what, path: destination, why: "\(why), so that a file could replace another",
        advice: "choose a directory on a filesystem that tells all names apart, as ext4, xfs and btrfs do by default")
    case .locked(let pid):
      self.init(
        what, path: destination, why: "process \(pid) is writing to it", exitCode: .locked)
    case .placement(let why):
      self.init(
        what, path: destination, why: why,
        advice: "choose directories that do not lie in one another", exitCode: .usage)
    case .invalidJournal(let why):
      self.init(
        "follow the journal", path: destination, why: why,
        advice: "`treeline journal verify` tells more", exitCode: .damaged)
    case .interrupted:
      self.init(what, path: destination, why: "it was interrupted")
    }
  }

  private static func advice(_ errno: Errno) -> String? {
    switch errno {
    case .noSpace, .diskQuotaExceeded: "make room there; what is missing comes with the next run"
    case .readOnlyFileSystem: "mount it for writing"
    case .noSuchFileOrDirectory: "make that directory, or mount the disk that it is on"
    case .notDirectory: "choose a directory"
    default: nil
    }
  }
}
