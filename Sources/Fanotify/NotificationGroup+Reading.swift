import CLinux
import LinuxSystem
import SystemPackage

extension NotificationGroup {
  /// Replaces the buffer's content with as many queued events as fit.
  ///
  /// Descriptors of processes that the buffer still held are closed.
  /// - Returns: the number of bytes read; 0 when the queue is empty.
  /// - Throws: what read(2) gives for a fanotify group; never `EAGAIN` and never `EINVAL`, because
  ///   every event fits into the smallest buffer.
  @discardableResult
  public borrowing func read(into buffer: inout EventBuffer) throws(Errno) -> Int {
    let group = raw
    buffer.closeDescriptors()
    buffer.ownsDescriptors = reportsProcesses
    buffer.errorNumbers = reportsErrorNumbers
    let (start, capacity) = (buffer.start, buffer.capacity)
    do throws(Errno) {
      buffer.count = try retrying { cl_read(group, start, capacity) }
    } catch .resourceTemporarilyUnavailable {
      return 0
    }
    return buffer.count
  }
}
