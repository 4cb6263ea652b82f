import Glibc
import LinuxSystem
import Treeline

/// Shows news on standard error: a terminal gets a live line, a pipe a line at each stage and then
/// one a minute at most. With `--json` each is a line on standard output as well.
final class ConsoleReporter: Reporter {
  private struct State {
    var stage = ""
    /// Whether the terminal's last line is a live one.
    var isLive = false
    var lastStanding: UInt64 = 0
    var lastProgress: UInt64 = 0
  }

  private let verbosity: Verbosity
  private let isJSON: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let notifier = ServiceNotifier()
  private let state = Guarded(State())

  private static let standingNanoseconds: UInt64 = 60_000_000_000
  private static let liveNanoseconds: UInt64 = 200_000_000

  init(_ options: OutputOptions) {
    verbosity = options.verbosity
    isJSON = options.json
  }

  func report(_ news: Report) {
    switch news {
    case .notice(let text):
      if verbosity >= .normal { line(text) }
      event("notice", text)
    case .detail(let text):
      if verbosity >= .verbose { line(text) }
      event("detail", text)
    case .warning(let text):
      line("warning: \(text)")
      event("warning", text)
    case .progress(let progress): show(progress)
    case .ready(let text):
      if verbosity >= .normal { line(text) }
      notifier.ready(text)
      event("ready", text)
    case .standing(let text):
      notifier.status(text)
      guard verbosity >= .normal else { return }
      if isTerminal { live(text) } else if isDue(\.lastStanding, Self.standingNanoseconds) { line(text) }
    }
  }

  /// How things stand, asked for by a signal.
  func show(_ status: Status) { line(statusText(status)) }

  func stopping() {
    notifier.stopping()
    if verbosity >= .normal { line("stopping") }
  }

  /// Leaves the terminal with its cursor on a line of its own.
  func finish() {
    state.with { if $0.isLive { writeToStandardError("\n") }; $0.isLive = false }
  }

  private func show(_ progress: Report.Progress) {
    let isNew = state.with { state in
      defer { state.stage = progress.stage }
      return state.stage != progress.stage
    }
    guard isNew || isDue(\.lastProgress, Self.liveNanoseconds) else { return }
    let text = progressText(progress)
    notifier.status(text)
    if isNew { event("progress", text) }
    guard verbosity >= .normal else { return }
    if isTerminal { live(text) } else if isNew { line(text) }
  }

  private func progressText(_ progress: Report.Progress) -> String {
    var text = "\(progress.stage): \(progress.objects)"
    if let total = progress.objectsTotal { text += " of \(total)" }
    text += " objects"
    if progress.bytes > 0 { text += ", \(sizeText(progress.bytes))" }
    return text
  }

  private func isDue(_ last: WritableKeyPath<State, UInt64>, _ interval: UInt64) -> Bool {
    let now = monotonicNanoseconds()
    return state.with { state in
      guard state[keyPath: last] == 0 || now - state[keyPath: last] >= interval else { return false }
      state[keyPath: last] = now
      return true
    }
  }

  private func live(_ text: String) {
    state.with {
      writeToStandardError("\r\u{1b}[K\(text)")
      $0.isLive = true
    }
  }

  private func line(_ text: String) {
    state.with { state in
      writeToStandardError((state.isLive ? "\r\u{1b}[K" : "") + "treeline: \(text)\n")
      state.isLive = false
    }
  }

  /// The daemon goes on when nobody reads its events.
  private func event(_ kind: String, _ text: String) {
    guard isJSON else { return }
    var json = JSONWriter()
    json.object {
      $0.member("event", kind)
      $0.member("time", Timestamp.now().rfc3339)
      $0.member("message", text)
    }
    json.newline()
    try? Output.standard.write(json.bytes)
    try? Output.standard.flush()
  }
}
