import ArgumentParser
import Treeline

struct JournalStatCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "stat",
    abstract: "Show what a journal holds, in numbers.",
    discussion: """
      Shows how much changed when, the busiest directories (by what changed right in them) and, where \
      `backup` or `record` ran with --who, the busiest processes; what the journal takes on the disk; \
      and its gaps: when nothing was recorded, when reports were lost, when all was looked at again. \
      Charts are as wide as the terminal; in a pipe there are none, and tabs separate the columns.

        treeline journal stat documents
        treeline journal stat documents --since yesterday --until today
        treeline journal stat --json documents | jq '.directories[:5]'
        treeline journal stat --html week.html documents --since '7d ago'

      The first scan says what was there: it is in the sums, but not in the chart or among the \
      busiest. `--html` writes one page for a browser, with a timeline, a map of where how much changed, and \
      a table of the last 10,000 changes to sort and search; it holds all that it needs and fetches \
      nothing. Counts are exact up to 32,768 busy directories; beyond, `error` in JSON says how much of \
      a count may be of others. The memory that it takes does not grow with the journal.
      """)

  @OptionGroup var journal: JournalArgument

  @Option(help: ArgumentHelp("Begin here.", valueName: "when"))
  var since: MomentArgument?

  @Option(help: ArgumentHelp("End here.", valueName: "when"))
  var until: MomentArgument?

  @Option(
    help: ArgumentHelp(
      "Write a page for a browser to this file, which only its owner may read.", valueName: "file"))
  var html: PathArgument?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if html != nil && output.json { throw ValidationError("choose one of --html and --json") }
  }

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try journal.directory()
    let statistics = try JournalStatistics(
      journal: path, since: since?.value, until: until?.value)
    if let html {
      try writeFile(html.bytes, page(of: statistics, path))
      return .done
    }
    guard output.json else {
      let text = StatisticsText(statistics, journal: path, width: Output.standard.columns)
      try Output.standard.write(text.text)
      return .done
    }
    var json = JSONWriter()
    statistics.write(to: &json, journal: path)
    json.newline()
    try Output.standard.write(json.bytes)
    return .done
  }

  private func page(
    of statistics: JournalStatistics, _ path: [UInt8]
  ) throws(TreelineError) -> [UInt8] {
    var filter = LineFilter()
    filter.since = since?.value
    filter.until = until?.value
    let tail = try JournalTail(
      journal: path, filter: filter, limit: StatisticsPage.lineCountMax)
    return StatisticsPage(
      statistics, journal: path, lines: tail.lines, areAll: tail.areAll).bytes
  }
}
