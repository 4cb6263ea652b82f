import Exclusion
import Journal

/// What was left out of a source when its journal was written last.
///
/// - Returns: nil when nothing was, or when that was kept in a way that this version does not know.
package func recordedExcludes(journal: [UInt8]) throws(TreelineError) -> ExclusionRules? {
  do throws(JournalError) {
    return try JournalExcludes.read(at: journal).flatMap { ExclusionRules(encoded: $0) }
  } catch {
    throw TreelineError(error, journal: journal)
  }
}

/// Keeps what is left out of a source from now on.
func recordExcludes(_ rules: ExclusionRules, journal: [UInt8]) throws(TreelineError) {
  guard try recordedExcludes(journal: journal) ?? ExclusionRules() != rules else { return }
  do throws(JournalError) { try JournalExcludes.write(rules.encoded, at: journal) } catch {
    throw TreelineError(error, journal: journal)
  }
}

/// What is left out of a source according to its journal in the usual place.
///
/// - Returns: nil when there is no such journal, or none that may be read.
package func recordedExcludes(source: [UInt8]) -> ExclusionRules? {
  let name = JournalPlace.name(source: JournalPlace.absolute(source))
  return try? recordedExcludes(journal: JournalPlace.directory + [0x2f] + name)
}
