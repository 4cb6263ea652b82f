import ArgumentParser
import Treeline

/// Which lines of a listing are shown, and in which order.
struct RangeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Begin here.", valueName: "when"))
  var since: MomentArgument?

  @Option(help: ArgumentHelp("End here.", valueName: "when"))
  var until: MomentArgument?

  @Option(help: ArgumentHelp("Only the last lines.", valueName: "n"))
  var tail: Int?

  @Flag(help: "Newest first.")
  var reverse = false

  func validate() throws {
    if let tail, tail < 1 { throw ValidationError("--tail takes a number of at least 1") }
  }

  /// Has a filter keep to the range of time.
  func bound(_ filter: inout LineFilter) {
    filter.since = since?.value
    filter.until = until?.value
  }
}
