import Capture
import Journal
import LinuxSystem

/// What is mounted at the source is told. The source is the directory that was there at the start, as its
/// filesystem shows it; with `--cross-filesystems`, with what is mounted inside.
extension CaptureStage {
  /// Has whoever waits look, when something is mounted or unmounted at the source.
  static func watchMounts(_ options: BackupOptions, _ state: Guarded<PipelineState>) -> MountWatch? {
    try? MountWatch(source: JournalPlace.absolute(options.source)) {
      let nudge = state.change { $0.nudgeCapture }
      nudge?()
    }
  }

  /// Marks that nobody has written yet, while the source is away.
  private static let marksMax = 256

  /// Says what is mounted inside at the start, where a person might expect it to be copied.
  func announceMounts() {
    publishMounts()
    if options.crossesFilesystems { return }
    guard let inside = mounts?.inside, let first = inside.first else { return }
    let others = inside.count > 1 ? " and \(inside.count - 1) more" : ""
    reporter.report(
      .notice("what is mounted inside the source is left out: \(printable(first.path))\(others)"))
  }

  /// Takes note of what was mounted and unmounted since the last time.
  func takeMountNews() {
    guard let mounts, mounts.hasNews else { return }
    isMountLookDue = true
    for news in mounts.take() {
      let isInside = mounts.isInside(news.entry)
      reporter.report(isInside ? .notice(text(news)) : .warning(text(news)))
      guard mountMarks.count < Self.marksMax else { continue }
      mountMarks.append(Mark(kind: .mount, payload: payload(news)))
    }
    publishMounts()
  }

  /// The marks for the next commit.
  func takeMountMarks() -> [Mark] {
    defer { mountMarks = [] }
    return mountMarks
  }

  private func publishMounts() {
    if options.crossesFilesystems { return }
    let inside = mounts?.inside ?? []
    let problems = inside.map { entry in
      Status.Problem(path: entry.path, message: "\(printable(entry.type)) is mounted here and left out")
    }
    state.with { $0.mounts = problems }
  }

  private func text(_ news: MountNews) -> String {
    let path = printable(news.entry.path)
    let type = printable(news.entry.type)
    switch news.kind {
    case .mounted where options.crossesFilesystems: return "\(path): \(type) was mounted here"
    case .mounted: return "\(path): \(type) was mounted here; it is not part of the source"
    case .unmounted: return "\(path): \(type) was unmounted"
    case .madeReadOnly: return "\(path): \(type) was made read-only"
    case .madeWritable: return "\(path): \(type) was made writable"
    }
  }

  /// What the journal says: words, and last the path, which may have any byte.
  private func payload(_ news: MountNews) -> [UInt8] {
    let word =
      switch news.kind {
      case .mounted: "mounted"
      case .unmounted: "unmounted"
      case .madeReadOnly: "read-only"
      case .madeWritable: "writable"
      }
    return Array("\(word) ".utf8) + news.entry.type + [UInt8(ascii: " ")] + news.entry.path
  }
}
