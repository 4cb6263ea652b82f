import ArgumentParser
import Journal
import Treeline

struct JournalDiffCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show the net change between two points.",
    discussion: """
      The commits after A, up to B, are composed to one: what came and went again is not there, and of \
      what was renamed twice there is the first and the last name. The lines are those of `treeline \
      journal show`, all with the number and time of the last commit; without B that is the journal's end. \
      Who did it, and in which order, a net change does not tell: see `treeline journal show`.

        treeline journal diff documents yesterday now
        treeline journal diff documents '2026-01-31 18:00' --op remove
        treeline journal diff documents 0 17 --json

      A and B are commits' numbers, RFC 3339, a local date and time (2026-01-31 18:00), 2h ago, or \
      yesterday 18:00; 0 is the empty tree before the first commit. It takes memory for what changed in \
      between and for the names of directories, at most about 2 GiB.
      """)

  @Argument(
    help: "The journal's directory, or its name as `treeline journal list` shows it.")
  var journal: PathArgument

  @Argument(help: ArgumentHelp("The point before.", valueName: "a"))
  var from: MomentArgument

  @Argument(help: ArgumentHelp("The point after; left out, the journal's end.", valueName: "b"))
  var to: MomentArgument?

  @OptionGroup var lines: LineFilterOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !lines.actors.isEmpty { throw ValidationError("a net change has no --who: see journal show") }
  }

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try JournalPlace.find(journal.bytes)
    let net = try NetChange(journal: path, from: from.value, to: to?.value)
    let filter = lines.filter
    let printer = LinePrinter(output)
    try net.tell { line throws(TreelineError) in
      if filter.wants(line) { try printer.print(line) }
    }
    return .done
  }
}
