import Journal
import Tree

/// The commit that a journal stands at at a moment: the last at or before it.
///
/// - Throws: when there is none, and when it is a part of the first scan, which is no state to stop at.
public func lastCommit(of journal: [UInt8], at moment: Moment) throws(TreelineError) -> Sequence {
  var found: (sequence: Sequence, isPartial: Bool)?
  var last = Sequence.zero
  var isThere = true
  do throws(JournalError) {
    let reader = try JournalReader.open(at: journal)
    var commit = Commit()
    switch moment {
    case .sequence(let wanted):
      // Where it was composed with others, the point before them is what is left.
      last = try reader.seek(atOrBefore: wanted)
      let end = try reader.durable().sequence
      isThere = last == wanted || wanted < end
      if last > reader.oldest.sequence {
        try reader.seek(atOrBefore: Sequence(last.rawValue - 1))
        if try reader.next(&commit) { found = (last, commit.header.flags.contains(.partial)) }
      } else if last > .zero, last <= wanted {
        // The tree that the journal begins with.
        found = (last, false)
      }
    case .time(let wanted):
      if let segment = try JournalIndex(at: journal).segment(at: wanted) {
        try reader.seek(after: Sequence(segment.first.rawValue - 1))
      }
      // The first commit of a compacted segment may reach over the time.
      let start = reader.position.sequence
      if start > reader.oldest.sequence { found = (start, false) }
      while try reader.next(&commit), commit.header.time <= wanted {
        last = commit.cursor.sequence
        found = (last, commit.header.flags.contains(.partial))
      }
    }
  } catch {
    throw TreelineError(error, journal: journal)
  }
  if case .sequence(let wanted) = moment, !isThere {
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
