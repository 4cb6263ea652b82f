import CLinux
import Glibc
import LinuxSystem
import SystemPackage

extension FanotifyGroup where Self: ~Copyable {
  /// The number of events that are queued now.
  ///
  /// New events go to the end of the queue, or into one that is there, so whoever has read as many
  /// events as this has read all that was queued. Linux walks the whole queue under its lock (8 ms
  /// for 100,000 events): ask once, for a barrier, and do not poll with it.
  ///
  /// The corresponding C constant is FIONREAD, which counts the fixed part of each event alone: its
  /// bytes are fewer than what is then read (measured: 2,400 for 9,600).
  public borrowing func queuedEvents() throws(Errno) -> Int {
    let group = raw
    return Int(try retrying { cl_queued_bytes(group) }) / Event.headerBytes
  }

  /// A bound on the bytes that are queued now: 0 when there are none, and otherwise at least what
  /// reading them gives.
  ///
  /// `queuedEvents()` is exact where events are counted; its cost is the same.
  public borrowing func queuedBytes() throws(Errno) -> Int {
    try queuedEvents() * Event.byteCountMax
  }

  /// Waits until there is something to read.
  ///
  /// - Parameter milliseconds: the longest wait; -1 waits for ever.
  /// - Returns: false when the time was over, or a signal came, first. See poll(2).
  public borrowing func wait(milliseconds: Int32) throws(Errno) -> Bool {
    var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    let result = cl_poll(&entry, 1, milliseconds)
    if result >= 0 { return result > 0 }
    if result == -EINTR { return false }
    throw Errno(rawValue: -result)
  }
}
