import Fanotify
import LinuxSystem

/// What is known of the processes that did something, or that begin: a storm from one process costs
/// one look at /proc.
///
/// Where the kernel reports the beginning of processes, an entry holds until it is reported to be out
/// of date. Elsewhere it is checked again by the start of the process and its program.
struct ProcessTable: ~Copyable {
  private struct Entry {
    var record: ProcessRecord
    /// Read while it lived: nothing of it is a guess from its parent.
    var isConfirmed = false
    /// When it was confirmed, in monotonic nanoseconds.
    var checked: UInt64 = 0
    /// When another process was forked under the same number; 0 for never.
    var replaced: UInt64 = 0
    /// Where it stands among the processes of the present batch, if `batch` is that.
    var batch = 0
    var place: UInt32 = 0
  }

  private var entries: [Int32: Entry] = [:]
  /// The numbers in the order in which they came, as a ring.
  private var order: [Int32] = []
  private var oldest = 0
  private let reader = ProcessReader()
  /// Whether the beginning of processes is reported.
  let hasEvents: Bool
  /// How often someone did something who was not known before.
  private(set) var strangerCount = 0

  /// Ten seconds of a shell script that starts 400 programs a second; some 2 MiB.
  static let countMax = 4_096
  /// Without reports an entry is believed this long: no number is used again so soon, and to start a
  /// program takes about as long.
  private static let trustNanoseconds: UInt64 = 1_000_000
  /// The longest that a report of the filesystem may lie unread while numbers are used again: a pid
  /// that was reused within it is nobody's.
  private static let doubtNanoseconds: UInt64 = 1_000_000_000

  init(hasEvents: Bool) { self.hasEvents = hasEvents }

  // MARK: Beginnings

  /// Takes in what the kernel reports of processes.
  mutating func note(_ event: ProcessEvents.Event) {
    switch event {
    case .fork(let pid, let parent): forked(pid, parent)
    case .exec(let pid), .owner(let pid):
      guard var record = reader.read(pid, descriptor: nil) else {
        // It was too short: which program it ran is not known, and is not its parent's.
        entries[pid]?.record = ProcessRecord(pid: pid, standing: .gone)
        entries[pid]?.isConfirmed = false
        entries[pid]?.batch = 0
        return
      }
      record.origin = .start
      // What it is from here on, a change of program or owner excepted, which is reported.
      insert(
        Entry(
          record: record, isConfirmed: record.standing == .alive,
          replaced: entries[pid]?.replaced ?? 0), for: pid)
    case .lost:
      entries.removeAll(keepingCapacity: true)
      order.removeAll(keepingCapacity: true)
      oldest = 0
    }
  }

  private mutating func forked(_ pid: Int32, _ parent: Int32) {
    var record: ProcessRecord
    if let known = entries[parent]?.record {
      record = known
    } else if let read = reader.read(parent, descriptor: nil) {
      // Its children begin alike, so it is looked at only once.
      insert(Entry(record: read), for: parent)
      record = read
    } else {
      record = ProcessRecord(pid: pid, standing: .gone)
    }
    record.pid = pid
    record.parent = parent
    record.startTicks = 0
    record.origin = .fork
    let isReused = entries[pid] != nil
    insert(Entry(record: record, replaced: isReused ? monotonicNanoseconds() : 0), for: pid)
  }

  // MARK: Deeds

  /// The place of the process of an event among those of a batch.
  ///
  /// - Parameter batch: the number of the batch, from 1 on.
  /// - Parameter append: takes a record into the batch and gives its place.
  mutating func place(
    of pid: Int32, _ process: EventProcess?, batch: Int, append: (ProcessRecord) -> UInt32
  ) -> UInt32 {
    if let entry = entries[pid], entry.batch == batch, isStillTrue(entry, process) {
      return entry.place
    }
    var entry = identify(pid, process)
    entry.batch = batch
    entry.place = append(entry.record)
    let place = entry.place
    insert(entry, for: pid)
    return place
  }

  private func isStillTrue(_ entry: Entry, _ process: EventProcess?) -> Bool {
    guard case .descriptor = process else { return true }
    guard entry.isConfirmed else { return false }
    return hasEvents || monotonicNanoseconds() - entry.checked < Self.trustNanoseconds
  }

  private mutating func identify(_ pid: Int32, _ process: EventProcess?) -> Entry {
    let known = entries[pid]
    switch process {
    case .descriptor(let raw):
      if let known, known.isConfirmed, isUnchanged(pid, known) { return known }
      strangerCount += 1
      guard let read = reader.read(pid, descriptor: raw) else {
        return early(pid, known, standing: .gone)
      }
      let record = completed(read, by: known)
      return Entry(
        record: record, isConfirmed: true, checked: monotonicNanoseconds(),
        replaced: known?.replaced ?? 0)
    case .gone, nil: return early(pid, known, standing: .gone)
    case .failed: return early(pid, known, standing: .unreachable)
    }
  }

  private func isUnchanged(_ pid: Int32, _ known: Entry) -> Bool {
    if hasEvents { return true }
    if monotonicNanoseconds() - known.checked < Self.trustNanoseconds { return true }
    return reader.startTicks(pid) == known.record.startTicks
      && reader.executable(pid) == known.record.executable
  }

  /// A process that has ended shows little of itself: the rest is what it was when it began.
  private func completed(_ read: ProcessRecord, by known: Entry?) -> ProcessRecord {
    guard read.executable.isEmpty, let begun = known?.record, !begun.executable.isEmpty,
      begun.startTicks == 0 || begun.startTicks == read.startTicks
    else { return read }
    var record = read
    // Its memory is gone, and its state may not say so yet.
    record.standing = .exited
    record.executable = begun.executable
    record.arguments = begun.arguments
    record.origin = begun.origin
    if record.commandName.isEmpty { record.commandName = begun.commandName }
    return record
  }

  /// A process that is gone is as it was when it began, where that was reported.
  private mutating func early(
    _ pid: Int32, _ known: Entry?, standing: ProcessRecord.Standing
  ) -> Entry {
    let now = monotonicNanoseconds()
    if known == nil { strangerCount += 1 }
    guard let known, pid != 0, hasEvents || now - known.checked < Self.doubtNanoseconds,
      known.replaced == 0 || now - known.replaced > Self.doubtNanoseconds
    else { return Entry(record: ProcessRecord(pid: pid, standing: standing)) }
    var entry = known
    entry.record.standing = standing
    return entry
  }

  private mutating func insert(_ entry: Entry, for pid: Int32) {
    if entries.updateValue(entry, forKey: pid) != nil { return }
    if order.count < Self.countMax {
      order.append(pid)
      return
    }
    entries[order[oldest]] = nil
    order[oldest] = pid
    oldest = (oldest + 1) % Self.countMax
  }
}
