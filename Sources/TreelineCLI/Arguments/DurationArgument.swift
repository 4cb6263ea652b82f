import ArgumentParser
import Treeline

/// A duration such as `250ms`, `5s`, `2m`, `1h` or `30d`.
struct DurationArgument: ExpressibleByArgument {
  let value: Duration

  init(_ value: Duration) { self.value = value }

  init?(argument: String) {
    guard let value = Duration(text: argument) else { return nil }
    self.value = value
  }

  var defaultValueDescription: String { value.text }
}
