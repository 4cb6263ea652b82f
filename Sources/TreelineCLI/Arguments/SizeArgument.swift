import ArgumentParser
import Treeline

/// A size such as `512M`, `10G` or `5%`.
struct SizeArgument: ExpressibleByArgument {
  let value: SizeBound

  init(_ value: SizeBound) { self.value = value }

  init?(argument: String) {
    guard let value = SizeBound(text: argument) else { return nil }
    self.value = value
  }

  var defaultValueDescription: String { value.text }
}
