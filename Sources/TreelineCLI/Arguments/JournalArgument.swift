import ArgumentParser
import Treeline

/// A journal named by its directory or its name, or left out.
struct JournalArgument: ParsableArguments {
  @Argument(
    help:
      "The journal's directory, or its name as `treeline journal list` shows it; left out, the only one that is being written."
  )
  var journal: PathArgument?

  /// The running program that writes it.
  func client() throws(TreelineError) -> ControlClient {
    guard let journal else { return try .onlyOne() }
    return try ControlClient(journal: JournalPlace.find(journal.bytes))
  }

  /// Its directory.
  func directory() throws(TreelineError) -> [UInt8] {
    guard let journal else { return try ControlClient.onlyOne().status().journal }
    return try JournalPlace.find(journal.bytes)
  }
}
