import LinuxSystem
import Treeline

/// Writes each step of a replay as a line; a failure is kept until it is asked for.
final class StepPrinter: Sendable {
  private let isJSON: Bool
  private let isQuiet: Bool
  /// Has a live line, where the steps go to a terminal.
  private let reporter: ConsoleReporter
  private let failure = Guarded<TreelineError?>(nil)

  init(_ options: OutputOptions, beside reporter: ConsoleReporter) {
    isJSON = options.json
    isQuiet = options.quiet
    self.reporter = reporter
  }

  func print(_ step: ReplayLine) {
    guard !isQuiet else { return }
    guard Output.standard.isTerminal else { return write(step) }
    reporter.writeAbove { write(step) }
  }

  private func write(_ step: ReplayLine) {
    do throws(TreelineError) {
      try Output.standard.write(isJSON ? json(step) : Array(text(step).utf8))
      if Output.standard.isTerminal { try Output.standard.flush() }
    } catch {
      failure.with { if $0 == nil { $0 = error } }
    }
  }

  /// - Throws: what the first line met that could not be written.
  func check() throws(TreelineError) {
    if let error = failure.with({ $0 }) { throw error }
  }

  private func text(_ step: ReplayLine) -> String {
    let path = printable(step.path)
    return step.operation + "\t" + (step.from.map { "\(printable($0)) → \(path)" } ?? path) + "\n"
  }

  private func json(_ step: ReplayLine) -> [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.member("op", step.operation)
      $0.path("path", step.path)
      if let from = step.from { $0.path("from", from) }
    }
    json.newline()
    return json.bytes
  }
}
