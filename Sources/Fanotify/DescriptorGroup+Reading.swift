import CLinux
import LinuxSystem
import SystemPackage

extension DescriptorGroup {
  /// Replaces the buffer's content with as many queued events as fit, and opens their files.
  ///
  /// What was left in the buffer is let go: allowed, and closed.
  /// - Returns: the number of bytes read; 0 when the queue is empty.
  /// - Throws: what read(2) gives for a fanotify group: `EMFILE` or `ENFILE` where too many files are
  ///   open, `ETXTBSY` where a program that runs was to be opened for writing, or another error of
  ///   opening a file. The event is lost, and denied if it waited, unless the group was made with
  ///   `Options.errorNumbers`; where it was not the first one, the loss is not even told.
  @discardableResult
  public borrowing func read(into buffer: inout FileEventBuffer) throws(Errno) -> Int {
    buffer.letGo()
    let group = raw
    let (start, capacity) = (buffer.start, buffer.capacity)
    do throws(Errno) {
      let count = try retrying { cl_read(group, start, capacity) }
      buffer.fill(count: count, of: shared, errorNumbers: options.contains(.errorNumbers))
      return count
    } catch .resourceTemporarilyUnavailable {
      return 0
    }
  }
}
