import ArgumentParser
import Journal
import Treeline

struct JournalCursorsCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "cursors",
    abstract: "List who reads a journal, and how far each has come.",
    discussion: """
      A cursor holds the commits after it: they are not dropped, unless --retain-bytes leaves no other \
      choice. A backup keeps one for its destination, and `treeline replay --cursor` one for any other. \
      The third column is how many commits are held.

        treeline journal cursors documents
        treeline journal cursors --json documents | jq -r .name
      """)

  @OptionGroup var journal: JournalArgument
  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try journal.directory()
    let standings: [CursorStanding]
    let damaged: [Finding]
    do throws(JournalError) { (standings, damaged) = try CursorStanding.all(in: path) } catch {
      throw TreelineError(error, journal: path)
    }
    for standing in standings { try show(standing) }
    for finding in damaged { complain("\(printable(path)): \(finding.line)") }
    return damaged.isEmpty ? .done : .damaged
  }

  private func show(_ standing: CursorStanding) throws(TreelineError) {
    let kept = standing.cursor
    guard !output.json else {
      var json = JSONWriter()
      json.object { json in
        json.member("name", kept.name)
        json.member("id", kept.cursor.journal.text)
        json.member("seq", kept.cursor.sequence.rawValue)
        json.member("chain", kept.cursor.chain.text)
        json.member("moved", kept.moved.rfc3339)
        json.member("state", standing.state.rawValue)
        json.member("behind", standing.behind)
        if !kept.label.isEmpty { json.path("label", kept.label) }
      }
      json.newline()
      return try Output.standard.write(json.bytes)
    }
    var columns = [
      kept.name, "commit \(kept.cursor.sequence.rawValue)", "\(standing.behind) behind",
      kept.moved.localText,
    ]
    if let trouble = standing.state.trouble { columns.append(trouble) }
    if !kept.label.isEmpty { columns.append(printable(kept.label)) }
    let separator = Output.standard.isTerminal ? "  " : "\t"
    try Output.standard.write(columns.joined(separator: separator) + "\n")
  }
}
