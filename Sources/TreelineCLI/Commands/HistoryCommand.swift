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

      In JSON each line has the members of `treeline journal show --json`, with `ops`, a list, in place of \
      `op`; `id` is the object's, so that versions of different objects can be told apart. The journal \
      tells of versions and does not hold their content; `treeline restore` gives that back, from the \
      destination.
      """)

  @Argument(help: "The path, in the source; with --journal also one from the source's root.")
  var path: PathArgument

  @Option(
    help: ArgumentHelp(
      "The journal that tells of it: its directory, or its name as `treeline journal list` shows it.",
      valueName: "journal"))
  var journal: PathArgument?

  @OptionGroup var range: RangeOptions
  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
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
}
