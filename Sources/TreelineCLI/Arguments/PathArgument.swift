import ArgumentParser
import Treeline

/// A path or name as it was given, byte for byte.
struct PathArgument: ExpressibleByArgument {
  let bytes: [UInt8]

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    bytes = ArgumentText.bytes(argument)
  }

  static var defaultCompletionKind: CompletionKind { .file() }
}
