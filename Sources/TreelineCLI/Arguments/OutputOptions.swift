import ArgumentParser
import Treeline

/// What every command understands.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Write JSON lines to standard output.")
  var json = false

  @Flag(name: [.short, .long], help: "Say nothing but what went wrong.")
  var quiet = false

  @Flag(name: [.short, .long], help: "Say more.")
  var verbose = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("choose one of --quiet and --verbose") }
  }

  var verbosity: Verbosity { quiet ? .quiet : verbose ? .verbose : .normal }
}
