import ArgumentParser
import Treeline

struct JournalListCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the journals known on this machine.",
    discussion: """
      Those in the usual place (see `treeline backup --help`), and those that a program writes now. \
      The first column is what other commands take as JOURNAL.
      """)

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    for listed in listJournals() { try show(listed) }
    return .done
  }

  private func show(_ listed: ListedJournal) throws(TreelineError) {
    guard !output.json else {
      var json = JSONWriter()
      json.object {
        $0.path("name", listed.name)
        $0.path("journal", listed.path)
        if let source = listed.source { $0.path("source", source) }
        if let last = listed.last { $0.member("seq", last.rawValue) }
        $0.member("bytes", listed.sizeBytes)
        $0.member("running", listed.isRunning)
        if let problem = listed.problem { $0.member("error", problem) }
      }
      json.newline()
      return try Output.standard.write(json.bytes)
    }
    var columns = [
      printable(listed.name), listed.source.map { printable($0) } ?? "?",
      "commit \(listed.last.map { String($0.rawValue) } ?? "?")", sizeText(listed.sizeBytes),
      listed.isRunning ? "running" : "stopped",
    ]
    if let problem = listed.problem { columns.append(problem) }
    let separator = Output.standard.isTerminal ? "  " : "\t"
    try Output.standard.write(columns.joined(separator: separator) + "\n")
  }
}
