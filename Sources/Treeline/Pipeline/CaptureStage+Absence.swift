import Capture
import Glibc
import Journal
import LinuxSystem
import SystemPackage

/// What is done while the source is not at its path.
extension CaptureStage {
  func waitForSource(_ writer: JournalWriter) throws(TreelineError) {
    let path = printable(options.source)
    reporter.report(.warning("\(path) is not there any more, or is another directory; waiting for it"))
    while true {
      state.change { [source = options.source] in $0.phase = Self.absence(source, writer.source) }
      let deadline = monotonicNanoseconds() + Self.presenceNanoseconds
      let isStopping = state.wait(until: deadline) { [mounts] state in
        state.isStopping ? true : mounts?.hasNews == true ? false : nil
      }
      if isStopping == true { return }
      takeMountNews()
      guard
        let found = try? options.mark.mark(options.source, who: options.who)
      else { continue }
      state.change { $0.markKind = found.kind }
      if found.rootKey == writer.source.rootKey, found.filesystem == writer.source.filesystem {
        mark = found
        return
      }
    }
  }

  /// A mount point that nothing is mounted on is a source that is away; another directory of the same
  /// filesystem in its place is a question to a person.
  private static func absence(
    _ path: [UInt8], _ known: SourceIdentity
  ) -> PipelineState.Phase {
    let filesystem = try? withCString(path) { path throws(Errno) in
      let directory = try Descriptor.open(
        path, in: AT_FDCWD, .listPlace)
      return try filesystemIdentity(directory.raw)
    }
    if filesystem == known.filesystem {
      return .halted("\(printable(path)) is another directory than the one that was backed up")
    }
    return .offline(
      filesystem == nil
        ? "the source \(printable(path)) is not there"
        : "the source \(printable(path)) is not there: another filesystem is in its place")
  }
}
