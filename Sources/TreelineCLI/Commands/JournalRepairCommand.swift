import ArgumentParser
import Journal
import Treeline

struct JournalRepairCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Do what is safe about a damaged journal, and say each thing.",
    discussion: """
      A torn tail is cut off and kept aside, HEAD is made anew where it cannot be read, checkpoints and \
      cursors that cannot be read are kept aside, and what an interrupted run left is removed. Nothing \
      that can be read is changed. What else is wrong is told; then the exit code is 5.

        treeline journal repair documents
      """)

  @Argument(help: "The journal's directory, or its name as `treeline journal list` shows it.")
  var journal: PathArgument

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try JournalPlace.find(journal.bytes)
    let repair: JournalRepair
    do throws(JournalError) { repair = try JournalRepair(at: path) } catch {
      throw TreelineError(error, journal: path)
    }
    for line in repair.done { try show("repaired", line) }
    for finding in repair.remaining { try show("damaged", finding.line) }
    guard repair.remaining.isEmpty else { return .damaged }
    if repair.done.isEmpty, output.verbosity >= .normal {
      complain("\(printable(path)): nothing was to be repaired")
    }
    return .done
  }

  private func show(_ what: StaticString, _ line: String) throws(TreelineError) {
    guard output.json else { return try Output.standard.write("\(what)\t\(line)\n") }
    var json = JSONWriter()
    json.object {
      $0.member("state", "\(what)")
      $0.member("what", line)
    }
    json.newline()
    try Output.standard.write(json.bytes)
  }
}
