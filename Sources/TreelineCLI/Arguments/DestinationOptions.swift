import ArgumentParser
import Treeline

/// What all commands that write a destination have in common.
struct DestinationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take over a DESTINATION that is not empty and not ours yet: what has the same type, size and time (times) or the same content (checksum) is kept, and what is foreign is moved to .treeline/foreign in it. A source that was restored, or moved to another disk, is taken for what it was.",
      valueName: "how"))
  var adopt: AdoptMode?

  @Option(
    help: ArgumentHelp(
      "When what is written is made durable: with every commit, or when the kernel sees fit (none).",
      valueName: "when"))
  var sync = SyncMode.commit

  @Option(
    help: ArgumentHelp(
      "How long what is replaced or removed is kept at DESTINATION, for `treeline restore`; `off` keeps nothing and removes what was kept. When DESTINATION is full the oldest goes first.",
      valueName: "duration|off"))
  var versions = VersionsArgument(.seconds(30 * 86_400))

  @Option(
    help: ArgumentHelp(
      "How much room that may take at DESTINATION: 512M, 10G, or 20% of its disk. What is beyond goes, the oldest first; otherwise it may take what the disk has.",
      valueName: "size"))
  var keepBytes: SizeArgument?
}

/// A duration, or `off`.
struct VersionsArgument: ExpressibleByArgument {
  /// nil for `off`.
  let value: Duration?

  init(_ value: Duration?) { self.value = value }

  init?(argument: String) {
    if argument == "off" {
      value = nil
      return
    }
    guard let value = Duration(text: argument) else { return nil }
    self.value = value
  }

  var defaultValueDescription: String { value?.text ?? "off" }
}

extension AdoptMode: ExpressibleByArgument {}
extension SyncMode: ExpressibleByArgument {}
