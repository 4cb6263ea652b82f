import Journal
import Tree

/// The commit that a journal stands at at a moment: the last at or before it.
///
/// - Throws: when there is none, and when it is a part of the first scan, which is no state to stop at.
public func lastCommit(of journal: [UInt8], at moment: Moment) throws(TreelineError) -> Sequence {
  var found: (sequence: Sequence, isPartial: Bool)?
  var last = Sequence.zero
  do throws(JournalError) {
    let reader = try JournalReader.open(at: journal)
    if case .sequence(let wanted) = moment, wanted > .zero {
      _ = try reader.seek(after: Sequence(wanted.rawValue - 1))
    }
    last = reader.position.sequence
    var commit = Commit()
    while try reader.next(&commit) {
      let isWithin =
        switch moment {
        case .sequence(let wanted): commit.cursor.sequence <= wanted
        case .time(let wanted): commit.header.time <= wanted
        }
      guard isWithin else { break }
      last = commit.cursor.sequence
      found = (last, commit.header.flags.contains(.partial))
    }
  } catch {
    throw TreelineError(error, journal: journal)
  }
  if case .sequence(let wanted) = moment, found?.sequence != wanted {
    throw TreelineError(
      "find commit \(wanted.rawValue)", path: journal,
      why: "the journal ends with commit \(last.rawValue)")
  }
  guard let found else {
    throw TreelineError(
      "find that moment", path: journal, why: "the journal begins later",
      advice: "`treeline journal show` tells when")
  }
  guard !found.isPartial else {
    throw TreelineError(
      "stop at commit \(found.sequence.rawValue)", path: journal,
      why: "the first scan was not complete then", advice: "choose a later one")
  }
  return found.sequence
}
