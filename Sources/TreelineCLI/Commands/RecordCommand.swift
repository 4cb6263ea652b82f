import ArgumentParser
import Treeline

struct RecordCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Write the journal of SOURCE only, until stopped.",
    discussion: """
      The journal tells what changed, and `treeline replay` makes a copy from it while SOURCE is there \
      to take the content from.

        treeline record --journal /var/lib/treeline/documents ~/Documents
      """)

  @Argument(help: "The directory to be watched.")
  var source: PathArgument

  @OptionGroup var recording: RecordingOptions
  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    var options = try recording.options(source: source, destination: nil)
    options.verbosity = output.verbosity
    return try runBackup(options, output)
  }
}
