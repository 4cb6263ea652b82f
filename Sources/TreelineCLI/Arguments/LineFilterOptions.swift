import ArgumentParser
import Treeline

/// Which lines are shown, by path, operation and process.
struct LineFilterOptions: ParsableArguments {
  @Option(
    name: .customLong("path"),
    help: ArgumentHelp(
      "Only paths that match; repeatable. `*` stays within a component, `**` does not; without a `/` the last component is meant.",
      valueName: "glob"))
  var paths: [PathArgument] = []

  @Option(
    name: .customLong("op"),
    help: ArgumentHelp(
      "Only these operations, separated by commas: create, remove, rename, link, unlink, write, attributes; start, stop, scan, overflow, rescan, fs-error, mount, halt.",
      valueName: "list"),
    transform: { list in
      try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let operation = Operation(rawValue: String(word)) else {
          throw ValidationError("there is no operation '\(word)'")
        }
        return operation
      }
    })
  var operations: [Operation] = []

  @Option(
    name: .customLong("who"),
    help: ArgumentHelp(
      "Only what such a process did, where it was recorded; repeatable. The program's name, its path, its unit, or uid=N, loginuid=N, pid=N, unit=GLOB.",
      valueName: "glob"))
  var actors: [PathArgument] = []

  var filter: LineFilter {
    var filter = LineFilter()
    filter.paths = paths.map { PathPattern($0.bytes) }
    filter.actors = actors.map { ActorPattern($0.bytes) }
    if !operations.isEmpty { filter.operations = Set(operations) }
    return filter
  }
}
