import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// Notices what is mounted and unmounted at the source, on a thread of its own: on it, in it, and above
/// it.
///
/// It waits on the kernel's own list. A fanotify group for mounts (Linux 6.14) would tell less: not
/// what became read-only, and of what was unmounted only a number.
public final class MountWatch: Sendable {
  private struct State {
    var known: [MountEntry]
    var news: [MountNews] = []
    var isStopping = false
  }

  /// News that nobody has taken yet; what is more is not told one by one, and the list stays right.
  private static let newsMax = 64
  /// Between two looks at the list: where containers come and go it changes all the time, and is long.
  private static let restMilliseconds: Int32 = 50

  private let source: [UInt8]
  private let unasked: Set<[UInt8]>
  private let state: Guarded<State>
  private let wake: Descriptor
  private let thread: Thread

  /// - Parameters:
  ///   - source: its path, absolute and without links.
  ///   - onNews: called on the watch's own thread.
  /// - Throws: `ENOENT` where /proc is not mounted.
  public init(source: [UInt8], onNews: @escaping @Sendable () -> Void) throws(Errno) {
    let table = try MountTable()
    self.source = source
    let unasked = (try? GraftTable.typesLeftOut()) ?? []
    let known = Self.concerning(source, try table.entries(), unasked)
    let state = Guarded(State(known: known))
    let wake = Descriptor(owning: try retrying { eventfd(0, Int32(CL_EFD_FLAGS)) })
    let wakeRaw = wake.raw
    self.state = state
    self.wake = wake
    self.unasked = unasked
    thread = Thread("treeline-mounts") {
      Self.run(table, wakeRaw, source, unasked, state, onNews)
    }
  }

  deinit {
    state.with { $0.isStopping = true }
    var one: UInt64 = 1
    _ = cl_write(wake.raw, &one, 8)
    thread.join()
  }

  /// Whether something happened that was not taken yet.
  public var hasNews: Bool { state.with { !$0.news.isEmpty } }

  /// Takes what happened since the last time.
  public func take() -> [MountNews] {
    state.with { state in
      defer { state.news = [] }
      return state.news
    }
  }

  /// What is mounted inside the source now.
  public var inside: [MountEntry] {
    state.with { $0.known }.filter(isInside)
  }

  /// Whether something is mounted in the source, and not on it or above it.
  public func isInside(_ entry: MountEntry) -> Bool {
    entry.path.count > source.count && Self.isWithin(entry.path, source)
  }

  /// Looks at the list at once, so that news of all that happened before is there to be taken.
  public func look() {
    if let table = try? MountTable() { _ = Self.note(table, source, unasked, state) }
  }

  private static func run(
    _ table: MountTable, _ wake: Int32, _ source: [UInt8], _ unasked: Set<[UInt8]>, _ state: Guarded<State>,
    _ onNews: @Sendable () -> Void
  ) {
    var set = [
      pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
      pollfd(fd: table.raw, events: Int16(POLLPRI), revents: 0),
    ]
    while !state.with({ $0.isStopping }) {
      // Before the look: a change after it is told by the next wait.
      guard (try? retrying { cl_poll(&set, 2, -1) }) != nil else { return }
      if set[1].revents != 0, note(table, source, unasked, state) { onNews() }
      _ = try? retrying { cl_poll(&set, 1, restMilliseconds) }
    }
  }

  /// - Returns: whether something is other at the source.
  private static func note(
    _ table: MountTable, _ source: [UInt8], _ unasked: Set<[UInt8]>, _ state: Guarded<State>
  ) -> Bool {
    // Two who look do so in turn, so that the older list is not taken for the newer.
    state.with { state in
      guard let entries = try? table.entries() else { return false }
      let now = MountNews.matching(concerning(source, entries, unasked), with: &state.known)
      let news = MountNews.between(state.known, now)
      state.known = now
      state.news += news.prefix(max(0, newsMax - state.news.count))
      return !news.isEmpty
    }
  }

  /// What is mounted on the source, inside it, or where its path leads through.
  ///
  /// - Parameter unasked: types of filesystems that may be slow to answer.
  private static func concerning(
    _ source: [UInt8], _ entries: [MountEntry], _ unasked: Set<[UInt8]>
  ) -> [MountEntry] {
    entries.compactMap { entry in
      guard isWithin(entry.path, source) else { return isWithin(source, entry.path) ? entry : nil }
      var entry = entry
      if !unasked.contains(Array(entry.type.prefix { $0 != UInt8(ascii: ".") })) {
        entry.identity = (try? mountIdentity(at: entry.path, id: entry.id)) ?? 0
      }
      return entry
    }
  }

  /// Whether a path is another one, or beneath that.
  static func isWithin(_ path: [UInt8], _ top: [UInt8]) -> Bool {
    guard path.starts(with: top) else { return false }
    let slash = UInt8(ascii: "/")
    return path.count == top.count || top.last == slash || path[top.count] == slash
  }
}
