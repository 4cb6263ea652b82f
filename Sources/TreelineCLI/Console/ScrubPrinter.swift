import LinuxSystem
import Treeline

/// Writes each thing that a scrub finds as a line, at once; a failure is kept until it is asked for.
final class ScrubPrinter: Sendable {
  private let isJSON: Bool
  private let failure = Guarded<TreelineError?>(nil)

  init(_ options: OutputOptions) { isJSON = options.json }

  func print(_ line: ScrubLine) {
    do throws(TreelineError) {
      try Output.standard.write(
        isJSON ? json(line) : Array("\(printable(line.path))\t\(line.message)\n".utf8))
      try Output.standard.flush()
    } catch {
      failure.with { if $0 == nil { $0 = error } }
    }
  }

  /// - Throws: what the first line met that could not be written.
  func check() throws(TreelineError) {
    if let error = failure.with({ $0 }) { throw error }
  }

  private func json(_ line: ScrubLine) -> [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.path("path", line.path)
      $0.member("found", line.found)
      $0.member("repaired", line.isRepaired)
      $0.member("message", line.message)
    }
    json.newline()
    return json.bytes
  }
}
