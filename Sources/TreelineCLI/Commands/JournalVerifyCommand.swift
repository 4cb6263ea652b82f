import ArgumentParser
import Journal
import Treeline

struct JournalVerifyCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read a whole journal and say what is wrong with it.",
    discussion: """
      Nothing is changed. Exit code 5 means damage: each line has the file, the byte and the commit. A \
      torn tail after the last durable commit is no damage; the next writer drops it.

        treeline journal verify documents
      """)

  @OptionGroup var journal: JournalArgument
  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try journal.directory()
    let verification = try verification(of: path)
    for finding in verification.findings { try show(finding, isDamage: true) }
    if let tail = verification.tornTail { try show(tail, isDamage: false) }
    guard verification.findings.isEmpty else { return .damaged }
    if output.verbosity >= .normal {
      let last = verification.last?.sequence.rawValue ?? 0
      complain("\(printable(path)): all is as it was written, up to commit \(last)")
    }
    return .done
  }

  private func show(_ finding: Finding, isDamage: Bool) throws(TreelineError) {
    guard output.json else {
      let word = isDamage ? "damaged" : "torn tail"
      return try Output.standard.write("\(word)\t\(finding.line)\n")
    }
    var json = JSONWriter()
    json.object {
      $0.member("damage", isDamage)
      $0.path("segment", Array(finding.file.utf8))
      $0.member("offset", finding.offset)
      if let sequence = finding.sequence { $0.member("seq", sequence.rawValue) }
      $0.member("what", finding.what)
    }
    json.newline()
    try Output.standard.write(json.bytes)
  }
}

/// Reads a whole journal.
func verification(of path: [UInt8]) throws(TreelineError) -> JournalVerification {
  do throws(JournalError) { return try JournalVerification(at: path) } catch {
    throw TreelineError(error, journal: path)
  }
}
