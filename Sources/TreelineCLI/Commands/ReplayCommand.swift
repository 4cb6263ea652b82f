import ArgumentParser
import Journal
import Treeline

struct ReplayCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Make DESTINATION what the journal says, then exit.",
    discussion: """
      Names and attributes come from the journal, content from the source, where the journal says it \
      is or where --source says. Run again, it goes on where DESTINATION stands. Exit code 3 lists \
      what could not be made as the journal says.

        treeline replay documents /mnt/disk/Documents
        treeline replay --dry-run documents /mnt/disk/Documents
        treeline replay --until 'yesterday 18:00' documents /mnt/empty

      Each step is a line on standard output, unless --quiet. With --until a file whose content has \
      changed since is left out and listed, unless --allow-newer.
      """)

  @Argument(help: "The journal's directory, or its name as `treeline journal list` shows it.")
  var journal: PathArgument

  @Argument(help: "An empty directory, or one that this journal was replayed to before.")
  var destination: PathArgument

  @Option(help: ArgumentHelp("Where the source is now.", valueName: "dir"))
  var source: PathArgument?

  @Option(help: ArgumentHelp("Stop after the last commit at or before this.", valueName: "when"))
  var until: MomentArgument?

  @Flag(help: "Print each step and do nothing. What is in doubt is looked at, and not read to compare it.")
  var dryRun = false

  @Flag(help: "With --until, take content that is newer.")
  var allowNewer = false

  @Option(
    help: ArgumentHelp(
      "Keep a cursor of this name in the journal: the commits that DESTINATION has not got are not dropped.",
      valueName: "name"))
  var cursor: String?

  @OptionGroup var writing: DestinationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let cursor, !JournalCursor.isName(cursor) {
      throw ValidationError("a cursor's name has letters, digits, -, _ and . and does not begin with a dot")
    }
  }

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    var request = ReplayRequest(
      journal: try JournalPlace.find(journal.bytes),
      destination: JournalPlace.absolute(destination.bytes))
    request.source = source.map { JournalPlace.absolute($0.bytes) }
    request.until = until?.value
    request.dryRun = dryRun
    request.allowNewer = allowNewer
    request.adopt = writing.adopt
    request.sync = writing.sync
    request.versions = writing.versions.value
    request.versionsBytes = writing.keepBytes?.value
    request.cursor = cursor
    SignalThread.block()
    let reporter = ConsoleReporter(output)
    defer { reporter.finish() }
    let printer = StepPrinter(output, beside: reporter)
    let replay = try JournalReplay(request, report: reporter) { printer.print($0) }
    SignalThread.start(
      stop: {
        reporter.stopping()
        replay.requestStop()
      },
      status: { reporter.report(.notice(replay.standing)) })
    let code = try replay.run()
    try printer.check()
    return code
  }
}
