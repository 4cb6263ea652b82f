import LinuxSystem
import SystemPackage

/// Where hints come from, for the one who follows a source: what was read of the kernel's queue.
package protocol HintQueue: AnyObject, Sendable {
  /// Waits until all that was queued before the call has been read.
  ///
  /// - Throws: what made the reader end.
  func barrier() throws(Errno)

  /// Takes what was hinted so far, and gives `empty` to be filled.
  func take(replacement empty: DirtySet) -> TakenHints

  /// A moment at which all that had been queued was read.
  var drainedAt: Timestamp { get }

  /// Whether nothing is hinted at and nothing is queued.
  var isQuiet: Bool { get }

  /// Waits until something was hinted, something outside asks, or a deadline (monotonic) passes.
  func wait(until deadline: UInt64?, or isAsked: () -> Bool) throws(Errno)

  /// Lets `wait` ask again; from any thread.
  func nudge()
}

/// What was taken from a queue in one go.
package struct TakenHints {
  package var dirty: DirtySet
  /// A moment at which all that had been queued was read; wall clock.
  package var drained: Timestamp
  package var overflows: Int
  /// The code of an error that the filesystem reported of itself.
  package var filesystemError: Int32?

  package init(
    dirty: DirtySet, drained: Timestamp, overflows: Int = 0, filesystemError: Int32? = nil
  ) {
    self.dirty = dirty
    self.drained = drained
    self.overflows = overflows
    self.filesystemError = filesystemError
  }
}
