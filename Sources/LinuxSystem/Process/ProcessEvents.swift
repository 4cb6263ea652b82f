import CLinux
import SystemPackage

/// The kernel's reports of processes that begin: who was forked from whom, and who runs another
/// program.
///
/// They come through the connector of netlink(7), for the whole machine. Whoever asks /proc at once
/// sees a process long before it has done what it was started for, however short it lives.
public final class ProcessEvents: Sendable {
  /// What happened to a process.
  public enum Event: Sendable {
    /// It was forked; until it runs another program it is like its parent.
    case fork(pid: Int32, parent: Int32)
    /// It runs another program now.
    case exec(pid: Int32)
    /// It has another user now.
    case owner(pid: Int32)
    /// Reports were lost: nothing known of processes can be relied on.
    case lost
  }

  private let socket: Descriptor

  /// Some 3,000 reports, at what the kernel charges for each.
  private static let bufferBytes: Int32 = 4 << 20
  /// A hundred reports at a time: more than begin between two looks but in a storm.
  private static let batchCount = 100

  /// Subscribes to the reports.
  ///
  /// - Throws: `EPERM` without CAP_NET_ADMIN before Linux 6.6; `EOPNOTSUPP` or `EPROTONOSUPPORT` in a namespace of
  ///   processes, users or networks that is not the first.
  public init() throws(Errno) {
    socket = Descriptor(owning: try retrying { cl_process_events_open(Self.bufferBytes) })
  }

  /// The descriptor to wait on.
  public var raw: Int32 { socket.raw }

  /// Gives the reports that are there.
  public func read(_ body: (Event) -> Void) {
    let raw = socket.raw
    withUnsafeTemporaryAllocation(of: cl_process_event.self, capacity: Self.batchCount) { batch in
      while true {
        let count = cl_process_events_read(raw, batch.baseAddress!, Self.batchCount)
        for event in batch.prefix(count) {
          switch Int(event.kind) {
          case CL_PROCESS_FORK: body(.fork(pid: event.pid, parent: event.parent))
          case CL_PROCESS_EXEC: body(.exec(pid: event.pid))
          case CL_PROCESS_OWNER: body(.owner(pid: event.pid))
          default: body(.lost)
          }
        }
        if count < Self.batchCount { return }
      }
    }
  }
}

/// Has the calling thread run before all that have no real-time priority, where that is allowed.
/// See sched(7), SCHED_FIFO.
public func runFirst() { _ = cl_run_first() }
