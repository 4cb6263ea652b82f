import Glibc
import LinuxSystem
import Treeline

/// Shows news on standard error: a terminal gets a live line, a pipe a line at each stage and then
/// one a minute at most. With `--json` each is a line on standard output as well, and how far a stage has come
/// one a second.
final class ConsoleReporter: Reporter {
  private struct State {
    var stage = ""
    /// Whether the terminal's last line is a live one.
    var isLive = false
    var lastStanding: UInt64 = 0
    var lastProgress: UInt64 = 0
    /// When the last line on progress was written where there is no live one, and the last event.
    var lastProgressLine: UInt64 = 0
    var lastProgressEvent: UInt64 = 0
    var pace = ProgressPace()
  }

  private let verbosity: Verbosity
  private let isJSON: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let notifier = ServiceNotifier()
  private let state = Guarded(State())

  private static let standingNanoseconds: UInt64 = 60_000_000_000
  private static let liveNanoseconds: UInt64 = 200_000_000
  private static let eventNanoseconds: UInt64 = 1_000_000_000

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

  var wantsProgress: Bool { isJSON || verbosity >= .normal }

  /// Writes lines to standard output where that is a terminal too: above the live line.
  func writeAbove(_ body: () -> Void) {
    state.with { state in
      if state.isLive { writeToStandardError("\r\u{1b}[K") }
      state.isLive = false
      body()
    }
  }

  private func show(_ progress: Report.Progress) {
    let isNew = state.with { state in
      defer { state.stage = progress.stage }
      return state.stage != progress.stage
    }
    let isDone =
      progress.objectsTotal.map { $0 > 0 && $0 == progress.objects } == true && progress.bytes == progress.bytesTotal
    guard isNew || isDone || isDue(\.lastProgress, Self.liveNanoseconds) else { return }
    let estimate = state.with { $0.pace.note(progress, at: monotonicNanoseconds()) }
    let text = progressText(progress, estimate)
    notifier.status(text)
    if isNew || isDone || isDue(\.lastProgressEvent, Self.eventNanoseconds) { event(progress, estimate, text) }
    guard verbosity >= .normal else { return }
    if isTerminal {
      live(text)
    } else if isNew {
      state.with { $0.lastProgressLine = monotonicNanoseconds() }
      line(text)
    } else if isDue(\.lastProgressLine, Self.standingNanoseconds) {
      line(text)
    }
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
    // A line that wraps cannot be written over.
    let text = text.prefix((terminalColumns(STDERR_FILENO) ?? 80) - 1)
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

  private func event(_ progress: Report.Progress, _ estimate: ProgressPace.Estimate, _ text: String) {
    event("progress", text) { json in
      json.member("stage", progress.stage)
      json.member("objects", progress.objects)
      if let total = progress.objectsTotal { json.member("objects_total", total) }
      json.member("bytes", progress.bytes)
      if let total = progress.bytesTotal { json.member("bytes_total", total) }
      if let rate = estimate.bytesPerSecond { json.member("bytes_per_second", rate) }
      if let rate = estimate.objectsPerSecond { json.member("objects_per_second", rate) }
      if let left = estimate.secondsLeft { json.member("seconds_left", left) }
      if let path = progress.path, !path.isEmpty { json.path("path", path) }
    }
  }

  /// The daemon goes on when nobody reads its events.
  private func event(_ kind: String, _ text: String, _ more: (inout JSONWriter) -> Void = { _ in }) {
    guard isJSON else { return }
    var json = JSONWriter()
    json.object {
      $0.member("event", kind)
      $0.member("time", Timestamp.now().rfc3339)
      $0.member("message", text)
      more(&$0)
    }
    json.newline()
    try? Output.standard.write(json.bytes)
    try? Output.standard.flush()
  }
}
