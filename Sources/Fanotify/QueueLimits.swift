import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// What Linux allows each user. See fanotify(7), "/proc interfaces".
public struct QueueLimits: Hashable, Sendable {
  /// The length of a queue, taken when the group is made. The file is max_queued_events.
  public let queuedEventsMax: Int
  /// The number of groups. The file is max_user_groups.
  public let groupsMax: Int
  /// The number of marks. The file is max_user_marks.
  public let marksMax: Int
  /// The time in seconds after which the kernel log names a group that leaves a permission event
  /// unanswered; 0 for never, nil where Linux does not watch (it came with 6.18 or before). The file is
  /// watchdog_timeout.
  public let watchdogSeconds: Int?

  /// Reads the limits as they are now.
  ///
  /// - Throws: `ENOENT` where /proc is missing or the kernel is older than Linux 5.13; `EINVAL`
  ///   where a file holds no number.
  public init() throws(Errno) {
    queuedEventsMax = try Self.number(in: "/proc/sys/fs/fanotify/max_queued_events")
    groupsMax = try Self.number(in: "/proc/sys/fs/fanotify/max_user_groups")
    marksMax = try Self.number(in: "/proc/sys/fs/fanotify/max_user_marks")
    do throws(Errno) {
      watchdogSeconds = try Self.number(in: "/proc/sys/fs/fanotify/watchdog_timeout")
    } catch {
      guard error == .noSuchFileOrDirectory else { throw error }
      watchdogSeconds = nil
    }
  }

  private static func number(in path: String) throws(Errno) -> Int {
    let file = try Descriptor.open(path: path, O_RDONLY)
    // The longest number of 64 bits has 20 digits and a newline.
    var text: InlineArray<32, UInt8> = .init(repeating: 0)
    let raw = file.raw
    var span = text.mutableSpan
    let outcome = span.withUnsafeMutableBytes { bytes in
      Result { () throws(Errno) in
        try retrying { cl_read(raw, bytes.baseAddress!, bytes.count) }
      }
    }
    let count = try outcome.get()
    var number = 0
    var digits = 0
    while digits < count, case let digit = Int(span[digits]) - 48, (0...9).contains(digit) {
      let (product, high) = number.multipliedReportingOverflow(by: 10)
      let (sum, over) = product.addingReportingOverflow(digit)
      guard !high, !over else { throw .invalidArgument }
      number = sum
      digits += 1
    }
    guard digits > 0 else { throw .invalidArgument }
    return number
  }
}
