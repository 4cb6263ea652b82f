import Journal
import LinuxSystem
import SystemPackage

/// Whether what is gone from the source was deleted, or lost by a filesystem that reports errors of its
/// own. While that is in doubt nothing is deleted at the destination, until a person says go on.
struct SourceDoubt {
  /// As a person reads it; nil without doubt.
  private(set) var reason: String?
  /// The errors that a person has been told of and went on with, and the one that is told now: each look
  /// at the damage repeats them.
  private var known: Set<Int32> = []
  private let journal: [UInt8]

  /// What an earlier run left in doubt is so still.
  init(journal: [UInt8]) {
    self.journal = journal
    reason = (try? JournalDoubt.read(at: journal)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The filesystem reported an error of its own: a code of errno(3).
  ///
  /// - Returns: what to say; nil when that was said.
  mutating func note(_ code: Int32) throws(TreelineError) -> String? {
    guard known.insert(code).inserted else { return nil }
    let text = "the filesystem of the source reports an error of its own: \(Errno(rawValue: code))"
    try keep(text)
    return text
  }

  /// A person said go on.
  mutating func end() throws(TreelineError) {
    if reason != nil { try keep(nil) }
  }

  private mutating func keep(_ text: String?) throws(TreelineError) {
    reason = text
    do throws(JournalError) { try JournalDoubt.write(text.map { Array($0.utf8) }, at: journal) } catch {
      throw TreelineError(error, journal: journal)
    }
  }
}
