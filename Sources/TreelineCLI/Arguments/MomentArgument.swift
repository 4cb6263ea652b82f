import ArgumentParser
import LinuxSystem
import Treeline

/// WHEN: a sequence number, RFC 3339, or as in `2h ago` and `yesterday 18:00`.
struct MomentArgument: ExpressibleByArgument {
  let value: Moment

  init?(argument: String) {
    guard let value = Moment(text: argument, now: .now()) else { return nil }
    self.value = value
  }
}
