import Glibc
import LinuxSystem
import SystemPackage
import Tree

extension JournalWriter {
  /// Drops the oldest segments that lie beyond what is to be kept.
  ///
  /// It goes from checkpoint to checkpoint, where one stands at a segment's end: whatever is left can be
  /// made from that one. It stops at the first that a cursor does not allow, until the journal takes twice
  /// the bytes. `OLDEST` names the new beginning durably before anything is removed; what a crash leaves
  /// below it is removed by the next call.
  ///
  /// - Parameters:
  ///   - now: what the clock says; only the age of segments is measured by it.
  ///   - needed: what follows this commit stays, whatever it takes.
  public func retire(
    now: Timestamp, needed: Sequence? = nil
  ) throws(JournalError) -> Retention.Outcome {
    var outcome = Retention.Outcome()
    let floor = try Oldest.read(directory)?.cursor.sequence ?? .zero
    try directory.removeFiles(upTo: floor)
    let segments = try directory.sizes(ending: JournalDirectory.segmentEnding)
    let checkpoints = try directory.sizes(ending: JournalDirectory.checkpointEnding)
    let cursors = try JournalCursors(directory).all().cursors.filter {
      $0.cursor.journal == id && $0.cursor.sequence >= floor
    }
    let held = cursors.map(\.cursor.sequence).min() ?? last.sequence
    let most = retention.bytes ?? .max
    let mostHeld = most.multipliedReportingOverflow(by: Retention.heldTimesMax)

    /// What is left when a checkpoint is the beginning.
    func size(from base: Sequence) -> UInt64 {
      var bytes: UInt64 = 0
      for segment in segments where segment.number > base { bytes += segment.bytes }
      for checkpoint in checkpoints where checkpoint.number >= base { bytes += checkpoint.bytes }
      return bytes
    }
    func isAllowed(_ base: Sequence, _ size: UInt64) -> Bool {
      if let needed, base > needed { return false }
      return base <= held || (!mostHeld.overflow && size > mostHeld.partialValue)
    }

    var end = floor
    var left = size(from: floor)
    var isAtEnd = true
    for base in checkpoints.map(\.number)
    where base > floor && segments.contains(where: { $0.number == base.next }) {
      var isAsked = left > most
      if !isAsked { isAsked = try isOld(base, now) }
      guard isAsked, isAllowed(base, left) else {
        isAtEnd = false
        break
      }
      end = base
      left = size(from: base)
    }
    outcome.wantsCheckpoint =
      isAtEnd && last.sequence > end && isAllowed(last.sequence, left)
      && (left > most || isOld(lastTime, now))
    if end > floor { try drop(upTo: end, segments, cursors, &outcome) }
    return outcome
  }

  /// Drops the oldest segments that end before a commit, in a log whose later commits say all that its
  /// reader asks for.
  ///
  /// - Parameter bytes: so much of what could be dropped is kept, the newest.
  package func retire(before sequence: Sequence, keeping bytes: UInt64) throws(JournalError) {
    let floor = try Oldest.read(directory)?.cursor.sequence ?? .zero
    try directory.removeFiles(upTo: floor)
    let segments = try directory.sizes(ending: JournalDirectory.segmentEnding)
    var kept: UInt64 = 0
    for index in segments.indices.dropLast().reversed() where segments[index + 1].number <= sequence {
      kept += segments[index].bytes
      if kept <= bytes { continue }
      var outcome = Retention.Outcome()
      let end = Sequence(segments[index + 1].number.rawValue - 1)
      return try drop(upTo: end, segments, [], &outcome)
    }
  }

  /// What the newest checkpoint takes, and the segments after it; the former is nil where nothing is left
  /// from which the tree could be made.
  package func bytesSinceCheckpoint() throws(JournalError) -> (checkpoint: UInt64?, since: UInt64) {
    let newest = try directory.sizes(ending: JournalDirectory.checkpointEnding).last
    var since: UInt64 = 0
    for segment in try directory.sizes(ending: JournalDirectory.segmentEnding)
    where segment.number > newest?.number ?? .zero { since += segment.bytes }
    if newest == nil, try Oldest.read(directory) != nil { return (nil, since) }
    return (newest?.bytes ?? 0, since)
  }

  private func drop(
    upTo end: Sequence, _ segments: [JournalDirectory.Sized], _ cursors: [JournalCursor],
    _ outcome: inout Retention.Outcome
  ) throws(JournalError) {
    // What the files were named is not believed: the new beginning is what its header says.
    let header = try JournalReader.openFile(directory, end.next, JournalDirectory.segmentEnding).header
    guard header.journal == id else {
      throw .damaged(
        Finding(
          file: JournalDirectory.name(end.next, ending: JournalDirectory.segmentEnding), offset: 0,
          sequence: end.next, what: "it belongs to another journal"))
    }
    try Oldest(cursor: Cursor(journal: id, sequence: end, chain: header.chain)).write(directory)
    outcome.droppedUpTo = end
    outcome.lost = cursors.filter { $0.cursor.sequence < end }
    for segment in segments where segment.number <= end {
      outcome.segmentCount += 1
      outcome.bytes += segment.bytes
    }
    try directory.removeFiles(upTo: end)
  }

  /// Whether all up to a segment's end is older than is to be kept.
  private func isOld(_ end: Sequence, _ now: Timestamp) throws(JournalError) -> Bool {
    guard retention.seconds != nil else { return false }
    return isOld(try directory.time(after: end) ?? lastTime, now)
  }

  private func isOld(_ time: Timestamp, _ now: Timestamp) -> Bool {
    guard let seconds = retention.seconds else { return false }
    return now.seconds - time.seconds > seconds
  }
}

extension JournalDirectory {
  /// A segment or checkpoint.
  struct Sized {
    var number: Sequence
    var bytes: UInt64
  }

  /// All files with an ending, ascending.
  func sizes(ending: String) throws(JournalError) -> [Sized] {
    var sized: [Sized] = []
    for number in try numbers(ending: ending) {
      let name = Self.name(number, ending: ending)
      do throws(Errno) {
        sized.append(
          Sized(number: number, bytes: try FileStatus.of(name, in: descriptor.raw).sizeBytes))
      } catch { throw .io(error, doing: "look at", file: name) }
    }
    return sized
  }

  /// The time of the first commit of the segment that follows a commit; nil where it has none yet.
  func time(after end: Sequence) throws(JournalError) -> Timestamp? {
    let name = Self.name(end.next, ending: Self.segmentEnding)
    let opened = try JournalReader.openFile(self, end.next, Self.segmentEnding)
    let frames = FrameReader(
      opened.file.raw, offset: Int64(opened.headerBytes), decompressor: Decompressor())
    var time: Timestamp? = nil
    do throws(Errno) {
      guard case .frame = try frames.next() else { return nil }
    } catch { throw .io(error, doing: "read", file: name) }
    frames.withPlain { plain in
      var reader = ByteReader(plain)
      guard let header = try? FrameHeader(&reader) else { return }
      time = header.range?.firstTime ?? header.time
    }
    return time
  }

  /// Removes the segments that end at or before a commit, and the checkpoints before it.
  func removeFiles(upTo end: Sequence) throws(JournalError) {
    for (ending, least) in [
      (Self.segmentEnding, end.next), (Self.indexEnding, end.next), (Self.checkpointEnding, end),
      (Self.checkpointIndexEnding, end),
    ] {
      for number in try numbers(ending: ending) where number < least {
        let name = Self.name(number, ending: ending)
        do throws(Errno) {
          try Names.removeFile(name, in: descriptor.raw)
        } catch .noSuchFileOrDirectory {
        } catch { throw .io(error, doing: "remove", file: name) }
      }
    }
  }

  /// Removes checkpoints that cost more than they are good for: kept are the newest two, the one that the
  /// journal begins with, and those after which as much follows as four of them take, or a quarter of the
  /// time that is kept.
  func thinCheckpoints(_ retention: Retention) throws(JournalError) {
    let checkpoints = try sizes(ending: Self.checkpointEnding)
    guard checkpoints.count > 2 else { return }
    let segments = try sizes(ending: Self.segmentEnding)
    let floor = try Oldest.read(self)?.cursor.sequence ?? .zero
    var previous = floor
    for checkpoint in checkpoints.dropLast(2) where checkpoint.number > floor {
      let between = segments.filter { $0.number > previous && $0.number <= checkpoint.number }
      let bytes = between.reduce(UInt64(0)) { $0 + $1.bytes }
      if segments.contains(where: { $0.number == checkpoint.number.next }) {
        if bytes >= Retention.checkpointParts * checkpoint.bytes
          || isLate(checkpoint.number, after: previous, retention)
        {
          previous = checkpoint.number
          continue
        }
      }
      try? Names.removeFile(
        Self.name(checkpoint.number, ending: Self.checkpointEnding), in: descriptor.raw)
    }
  }

  private func isLate(_ end: Sequence, after start: Sequence, _ retention: Retention) -> Bool {
    guard let seconds = retention.seconds, let later = try? time(after: end),
      let earlier = try? time(after: start)
    else { return false }
    return later.seconds - earlier.seconds >= seconds / Int64(Retention.checkpointParts)
  }
}
