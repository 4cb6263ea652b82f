import ArgumentParser
import Treeline

/// Which lines are shown, by path and operation.
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

  var filter: LineFilter {
    var filter = LineFilter()
    filter.paths = paths.map { PathPattern($0.bytes) }
    if !operations.isEmpty { filter.operations = Set(operations) }
    return filter
  }
}
