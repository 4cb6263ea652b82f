import ArgumentParser
import Treeline

struct HistoryCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show the versions of a path, oldest first.",
    discussion: """
      Follows what stands at PATH back through every name that it had, and what stood there before it: \
      programs that save by renaming a new file over the old one put another object there each time. \
      Each line is one version: the commit's number, the local time, what was done, the path \
      (`old → new` for a rename), the size or what changed, and who did it where `backup` or `record` \
      ran with --who. PATH may be gone. Exit code 1 means that the journal has no word of it.

        treeline history ~/Documents/letters/ada.txt
        treeline history --json ~/Documents/letters/ada.txt | jq -r '.ops[]'
        treeline history --journal documents letters/ada.txt
        treeline history --destination /mnt/disk/Documents letters/ada.txt

      In JSON each line has the members of `treeline journal show --json`, with `ops`, a list, in place of \
      `op`; `id` is the object's, so that versions of different objects can be told apart. The journal \
      tells of versions and does not hold their content; `treeline restore` gives that back, from the \
      destination.

      With --destination that is asked, and nothing else: source and journal may be gone. Each line is a version \
      that its restorable moments have: the commit's number and the moment for `treeline restore --at`, the size, \
      when it was modified, and where its content is: `current` in the copy, or `kept`; `gone` says that it was \
      being written just then. `nothing` stands where nothing had the path any more. Last comes who made it so, where \
      `backup` ran with --who.
      """)

  @Argument(help: "The path, in the source; with --journal also one from the source's root.")
  var path: PathArgument

  @Option(
    help: ArgumentHelp(
      "The journal that tells of it: its directory, or its name as `treeline journal list` shows it.",
      valueName: "journal"))
  var journal: PathArgument?

  @Option(
    help: ArgumentHelp(
      "Ask this destination alone for the versions that it can give back.", valueName: "dir"))
  var destination: PathArgument?

  @OptionGroup var range: RangeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if destination != nil, journal != nil { throw ValidationError("choose one of --destination and --journal") }
  }

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    if let destination { return try tell(of: JournalPlace.absolute(destination.bytes)) }
    let place = try SourcePath(path.bytes, journal: journal?.bytes)
    var filter = LineFilter()
    range.bound(&filter)
    let history = try PathHistory(
      journal: place.journal, path: place.path, filter: filter, limit: range.tail)
    let printer = LinePrinter(output)
    for version in range.reverse ? history.versions.reversed() : history.versions {
      try printer.print(version)
    }
    return .done
  }

  /// The versions that a destination can give back.
  private func tell(of destination: [UInt8]) throws(TreelineError) -> Treeline.ExitCode {
    let reporter = ConsoleReporter(output)
    let history = try DestinationHistory(destination: destination, path: path.bytes, report: reporter)
    let printer = LinePrinter(output)
    var versions = history.versions
    if let since = range.since?.value { versions.removeAll { $0.precedes(since) } }
    if let until = range.until?.value { versions.removeAll { !$0.isAtOrBefore(until) } }
    if let tail = range.tail { versions = Array(versions.suffix(tail)) }
    for version in range.reverse ? versions.reversed() : versions { try printer.print(version) }
    return .done
  }
}
