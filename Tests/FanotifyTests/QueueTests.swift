import Fanotify
import Glibc
import LinuxSystem
import TestSupport
import Testing

/// The queue of a group: its limits, its overflow, its emptiness.
struct QueueTests {
  static var reasonToSkip: String? { Filesystem.reasonToSkip(.tmpfs) }

  @Test func limitsAreRead() throws {
    let limits = try QueueLimits()
    #expect(limits.queuedEventsMax > 0 && limits.groupsMax > 0 && limits.marksMax > 0)
    #expect(limits.watchdogSeconds ?? 0 >= 0)
  }

  @Test func anEmptyQueueIsNoError() throws {
    let group = try NotificationGroup(.objectHandle)
    var buffer = EventBuffer(capacity: EventBuffer.capacityMin)
    #expect(try group.read(into: &buffer) == 0)
    #expect(buffer.count == 0)
    var cursor = buffer.events
    #expect(try cursor.next() == nil)
    #expect(try group.queuedEvents() == 0 && group.queuedBytes() == 0)
    #expect(try group.wait(milliseconds: 0) == false)
  }

  @Test func queuedEventsAreCountedAndTheirBytesBounded() throws {
    if let reason = Self.reasonToSkip { return announceSkip(#function, because: reason) }
    let watched = try WatchedFilesystem(.tmpfs)
    for number in 0..<100 {
      // Names of every length.
      let name = String(repeating: "n", count: number * 2 + 1) + "\(number)"
      try Names.makeDirectory(name, in: watched.root.raw, mode: 0o755)
    }
    #expect(try watched.group.wait(milliseconds: 0))
    #expect(try watched.group.queuedEvents() == 100)
    let bound = try watched.group.queuedBytes()
    var buffer = EventBuffer()
    let count = try watched.group.read(into: &buffer)
    #expect(count > 100 * 24 && count <= bound)
    #expect(try watched.group.queuedEvents() == 0 && watched.group.queuedBytes() == 0)
  }

  @Test func aFullQueueEndsWithAnOverflowAndStartsAnewOnceDrained() throws {
    if let reason = Self.reasonToSkip { return announceSkip(#function, because: reason) }
    let limit = try QueueLimits().queuedEventsMax
    guard limit <= 100_000 else {
      return announceSkip(#function, because: "the queue holds \(limit) events")
    }
    let watched = try WatchedFilesystem(.tmpfs, for: [.create, .delete, .onDirectory])
    for number in 0...limit {
      try Names.makeDirectory("d\(number)", in: watched.root.raw, mode: 0o755)
    }
    let events = try watched.drain()
    #expect(events.count == limit + 1)
    let last = try #require(events.last)
    #expect(last.mask == .queueOverflow)
    #expect(last.object == nil && last.directory == nil && last.fsid == nil)
    #expect(events.dropLast().allSatisfy { $0.mask == [.create, .onDirectory] })
    try Names.removeDirectory("d0", in: watched.root.raw)
    #expect(try watched.drain().map(\.mask) == [[.delete, .onDirectory]])
  }
}
