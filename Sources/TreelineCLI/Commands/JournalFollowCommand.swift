import ArgumentParser
import Treeline

struct JournalFollowCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "Show what happens from now on, until interrupted.",
    discussion: """
      The lines are those of `treeline journal show`.

        treeline journal follow documents --path 'letters/**'
      """)

  @OptionGroup var journal: JournalArgument
  @OptionGroup var lines: LineFilterOptions
  @OptionGroup var output: OutputOptions

  /// Between two looks at the journal: soon for a person, and next to nothing for the machine.
  private static let intervalMilliseconds: Int32 = 100

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let narration = try JournalNarration(
      journal: journal.directory(), filter: lines.filter, onlyNew: true)
    let printer = LinePrinter(output)
    repeat {
      _ = try narration.tell { line throws(TreelineError) in try printer.print(line) }
      try Output.standard.flush()
    } while Output.standard.waitWhileRead(milliseconds: Self.intervalMilliseconds)
    return .failed
  }
}
