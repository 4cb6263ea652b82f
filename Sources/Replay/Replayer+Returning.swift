import Journal
import LinuxSystem
import SystemPackage

/// A destination that comes and goes: it is known again by its number, and the empty directory where its
/// disk was mounted is never taken for it.
extension Replayer {
  /// What a destination was when it was let go of.
  struct Rested {
    var id: [UInt8]
    var log: Cursor
  }

  /// Sees that the destination is there, and as it was left.
  ///
  /// - Throws: `unavailable` or `missing` when it is away.
  package func confirm() throws(ReplayError) {
    if options.dryRun { return }
    try releasingOnError { () throws(ReplayError) in try reopen() }
  }

  /// Opens the destination again after `idle` or an error. What is known of it is kept where nobody else
  /// has written to it since.
  func reopen() throws(ReplayError) {
    guard destination == nil, !options.dryRun else { return }
    if let rested, try goOn(rested) { return }
    rested = nil
    try open()
  }

  private func goOn(_ rested: Rested) throws(ReplayError) -> Bool {
    guard case .ours(let identity) = try Destination.inspect(destinationPath),
      identity.id == rested.id
    else { return false }
    let opened = try Destination(destinationPath, identity: identity, takesOver: false)
    guard opened.id == rested.id, HistoryLog.exists(in: opened.own.raw) else { return false }
    let log = try openLog(opened)
    guard log.last == rested.log else { return false }
    try openVersions(opened)
    took(opened, log)
    return true
  }

  func openLog(_ opened: Destination) throws(ReplayError) -> HistoryLog {
    try HistoryLog(in: opened.own.raw, source: journal.source, options)
  }

  /// Notes that a destination is open.
  func took(_ opened: Destination, _ log: HistoryLog) {
    history = log
    destination = opened
    options.onOpen?([opened.park.raw, opened.annex.raw, opened.copied.place.raw, log.place])
  }

  /// Refuses a place where a destination was and is not: a disk is not mounted.
  func checkIsBack(_ finding: Destination.Finding) throws(ReplayError) {
    if case .ours = finding { return }
    guard options.adopt == .no || options.isReturning,
      let path = try? Destination.resolvedPath(destinationPath),
      JournalDestinations(at: journalPath).entries.contains(where: { $0.path == path })
    else { return }
    throw .missing
  }

  /// Remembers where the destination is. That may fail: then only the next start knows less.
  func remember(_ opened: Destination) {
    guard let path = try? Destination.resolvedPath(destinationPath) else { return }
    var known = JournalDestinations(at: journalPath)
    if known.note(JournalDestinations.Entry(id: opened.id, path: path)) {
      try? known.write(at: journalPath)
    }
  }
}
