import ArgumentParser
import Treeline

struct BlameCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "blame",
    abstract: "Show who touched a path, last and before.",
    discussion: """
      The lines are those of `treeline journal show`, newest first: about what stands at PATH, also under \
      the names that it had before, and about what stood there earlier. Processes are known where \
      `backup` or `record` ran with --who. PATH may be gone.

        treeline blame ~/Documents/letters/ada.txt
        treeline blame --who 'uid=1000' --tail 5 ~/Documents/letters/ada.txt
      """)

  @Argument(help: "The path, in the source; with --journal also one from the source's root.")
  var path: PathArgument

  @Option(
    help: ArgumentHelp(
      "The journal that tells of it: its directory, or its name as `treeline journal list` shows it.",
      valueName: "journal"))
  var journal: PathArgument?

  @OptionGroup var lines: LineFilterOptions

  @Option(help: ArgumentHelp("Begin here.", valueName: "when"))
  var since: MomentArgument?

  @Option(help: ArgumentHelp("End here.", valueName: "when"))
  var until: MomentArgument?

  @Option(help: ArgumentHelp("How many lines at most.", valueName: "n"))
  var tail = 20

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if tail < 1 { throw ValidationError("--tail takes a number of at least 1") }
  }

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let place = try SourcePath(path.bytes, journal: journal?.bytes)
    var filter = lines.filter
    filter.since = since?.value
    filter.until = until?.value
    let blame = try Blame(journal: place.journal, path: place.path, filter: filter, limit: tail)
    let printer = LinePrinter(output)
    for line in blame.lines { try printer.print(line, sayingUnknown: true) }
    return .done
  }
}
