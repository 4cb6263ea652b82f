import Fanotify
import LinuxSystem
import Testing

/// The cursor over bytes that were written by hand.
struct CursorTests {
  let memory = GuardedMemory(bytesMax: 8192)
  let inode: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
  let parent: [UInt8] = [9, 9, 9, 9, 0, 0, 0, 1]
  let other: [UInt8] = [8, 8, 8, 8, 0, 0, 0, 2, 3, 3, 3, 3]

  func one(_ records: [[UInt8]], mask: EventMask = .create) throws -> SeenEvent {
    var crafted = CraftedEvents()
    crafted.add(mask: mask, records)
    let (events, error) = memory.seen(crafted.bytes)
    #expect(error == nil)
    return try #require(events.count == 1 ? events[0] : nil)
  }

  func reason(_ records: [[UInt8]]) -> EventFormatError.Reason? {
    var crafted = CraftedEvents()
    crafted.add(mask: .create, records)
    return memory.seen(crafted.bytes).error?.reason
  }

  @Test func nothingReadIsNoEvent() {
    let (events, error) = memory.seen([])
    #expect(events.isEmpty && error == nil)
  }

  @Test func anEventWithDirectoryNameAndObjectIsRead() throws {
    let event = try one([
      record(RecordType.directoryName, handle: parent, name: Array("hello".utf8)),
      record(RecordType.object, handle: inode, handleType: 0x81),
    ])
    var expected = SeenEvent()
    expected.mask = .create
    expected.pid = 7
    expected.fsid = 0x22_0000_0011
    expected.directory = key(parent)
    expected.name = "hello"
    expected.object = key(inode, type: 0x81)
    #expect(event == expected)
  }

  @Test func recordsComeInAnyOrder() throws {
    let records = [
      record(RecordType.oldDirectoryName, handle: parent, name: [0x61]),
      record(RecordType.newDirectoryName, handle: other, name: [0x62, 0x0A, 0xFF]),
      record(RecordType.object, handle: inode),
      record(RecordType.process, [5, 0, 0, 0]),
    ]
    let forwards = try one(records, mask: [.rename, .onDirectory])
    #expect(forwards == (try one(records.reversed(), mask: [.rename, .onDirectory])))
    #expect(forwards.oldDirectory == key(parent) && forwards.oldName == "a")
    #expect(forwards.newDirectory == key(other) && forwards.newName == "b\n\u{FFFD}")
    #expect(forwards.directory == nil && forwards.name == nil)
    #expect(forwards.process == .descriptor(5))
  }

  @Test func unknownRecordsArePassedOver() throws {
    let event = try one([
      record(200, []), record(11, [1, 2, 3]), record(8, [UInt8](repeating: 1, count: 20)),
      record(RecordType.object, handle: inode), record(0, [0, 0, 0, 0]),
    ])
    #expect(event.object == key(inode))
  }

  @Test func theFirstRecordOfATypeCounts() throws {
    let event = try one([
      record(RecordType.object, handle: inode), record(RecordType.object, handle: other),
    ])
    #expect(event.object == key(inode))
  }

  @Test func anOverflowHasNoRecords() throws {
    let event = try one([], mask: .queueOverflow)
    var expected = SeenEvent()
    expected.mask = .queueOverflow
    expected.pid = 7
    #expect(event == expected)
  }

  @Test func aDirectoryWithoutANameIsRead() throws {
    let event = try one([record(RecordType.directory, handle: parent)])
    #expect(event.directory == key(parent) && event.name == nil)
  }

  @Test func anInvalidHandleIsNone() throws {
    let event = try one(
      [
        record(RecordType.error, [117, 0, 0, 0, 3, 0, 0, 0]),
        record(RecordType.object, handle: [], handleType: 0xFF),
      ], mask: .filesystemError)
    #expect(event.object == nil && event.fsid == 0x22_0000_0011)
    #expect(event.filesystemError == FilesystemError(code: 117, count: 3))
  }

  @Test func aHandleThatFollowsAnInvalidOneDoesNotReplaceIt() throws {
    let event = try one([
      record(RecordType.object, handle: [], handleType: 0xFF),
      record(RecordType.object, handle: inode),
    ])
    #expect(event.object == nil)
  }

  @Test func processesThatCannotBeOpenedAreToldApart() throws {
    #expect(try one([record(RecordType.process, [0xFF, 0xFF, 0xFF, 0xFF])]).process == .gone)
    #expect(try one([record(RecordType.process, [0xFE, 0xFF, 0xFF, 0xFF])]).process == .failed(nil))
  }

  @Test func anErrorNumberInsteadOfAProcessIsRead() throws {
    // -3 is ESRCH, -24 EMFILE; -1 is then EPERM.
    for (byte, process) in [
      (0xFD, .gone), (0xE8, .failed(.tooManyOpenFiles)), (0xFF, .failed(.notPermitted)),
    ] as [(UInt8, EventProcess)] {
      var crafted = CraftedEvents()
      crafted.add(mask: .create, [record(RecordType.process, [byte, 0xFF, 0xFF, 0xFF])])
      let (events, error) = memory.seen(crafted.bytes, errorNumbers: true)
      #expect(error == nil && events.map(\.process) == [process])
    }
  }

  @Test func aMountIsRead() throws {
    let event = try one(
      [record(RecordType.mount, [0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0x80])], mask: .mountAttached)
    #expect(event.mountID == 0x8000_0000_0000_0201)
  }

  @Test func aRangeIsRead() throws {
    let event = try one(
      [record(RecordType.range, [0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0x80])],
      mask: .preAccess)
    #expect(event.range == FileRange(offset: 0x1000, count: 0x8000_0000_0000_0005))
  }

  @Test func theLongestHandleAndNameAreRead() throws {
    let handle = [UInt8](0..<128)
    let name = [UInt8](repeating: 0x78, count: 255)
    let event = try one([record(RecordType.directoryName, handle: handle, name: name)])
    #expect(event.directory == key(handle))
    #expect(event.name == String(repeating: "x", count: 255))
  }

  @Test func aLongerHeaderOfANewerKernelIsPassedOver() {
    var crafted = CraftedEvents()
    crafted.add(mask: .modify, headerBytes: 32, [record(RecordType.object, handle: inode)])
    crafted.add(mask: .delete)
    let (events, error) = memory.seen(crafted.bytes)
    #expect(error == nil)
    #expect(events.map(\.mask) == [.modify, .delete])
    #expect(events.first?.object == key(inode))
  }

  @Test(arguments: 0..<8)
  func eventsNeedNoAlignment(shift: Int) {
    var crafted = CraftedEvents()
    // A record of an odd length moves all that follows.
    crafted.add(
      mask: .modify,
      [record(99, [UInt8](repeating: 0, count: shift)), record(RecordType.object, handle: inode)])
    crafted.add(mask: .rename, [record(RecordType.oldDirectoryName, handle: parent, name: [0x61])])
    let (events, error) = memory.seen(crafted.bytes)
    #expect(error == nil)
    #expect(events.map(\.object) == [key(inode), nil])
    #expect(events.last?.oldName == "a")
  }

  @Test func anotherVersionIsAnError() {
    var crafted = CraftedEvents()
    crafted.add(mask: .create)
    crafted.add(mask: .create, version: 4)
    let (events, error) = memory.seen(crafted.bytes)
    #expect(events.count == 1)
    #expect(error == EventFormatError(.version, offset: 24))
  }

  @Test func anErrorIsGivenAgainAtEachCall() {
    var crafted = CraftedEvents()
    crafted.add(mask: .create, lengthOffBy: 4)
    crafted.bytes.withUnsafeBytes { bytes in
      var cursor = EventCursor(bytes.bytes)
      for _ in 0..<3 {
        do throws(EventFormatError) {
          _ = try cursor.next()
          Issue.record("an event that is longer than the bytes was given")
        } catch {
          #expect(error == EventFormatError(.eventLength, offset: 0))
        }
      }
    }
  }

  @Test(arguments: [-24, -4, -1, 1, 4, 1 << 30])
  func aWrongEventLengthIsAnError(off: Int) {
    var crafted = CraftedEvents()
    crafted.add(mask: .create, lengthOffBy: off)
    #expect(memory.seen(crafted.bytes).error?.reason == .eventLength)
  }

  @Test(arguments: [0, 23, 25, 0xFFFF] as [UInt16])
  func aWrongHeaderLengthIsAnError(length: UInt16) {
    var crafted = CraftedEvents()
    crafted.add(mask: .create)
    crafted.bytes[6] = UInt8(length & 0xFF)
    crafted.bytes[7] = UInt8(length >> 8)
    #expect(memory.seen(crafted.bytes).error?.reason == .eventLength)
  }

  @Test(arguments: [0, 3, 9, 0xFFFF])
  func aWrongRecordLengthIsAnError(length: Int) {
    #expect(reason([record(99, [0, 0, 0, 0], length: length)]) == .recordLength)
  }

  @Test(arguments: [
    (RecordType.object, 19), (RecordType.directory, 4), (RecordType.directoryName, 16),
    (RecordType.process, 7), (RecordType.error, 11), (RecordType.mount, 15),
    (RecordType.range, 23),
  ])
  func aRecordThatIsTooShortForItsTypeIsAnError(type: UInt8, length: Int) {
    #expect(reason([record(type, [UInt8](repeating: 0, count: length - 4))]) == .recordLength)
  }

  @Test(arguments: [9, 129, 0x7FFF_FFFF, 0xFFFF_FFFF] as [UInt32])
  func aHandleLongerThanItsRecordOrThanAnyHandleIsAnError(count: UInt32) {
    let bytes = count == 129 ? [UInt8](repeating: 1, count: 132) : inode
    #expect(reason([record(RecordType.object, handle: bytes, handleBytes: count)]) == .handleLength)
  }

  @Test func aNameThatDoesNotEndIsAnError() {
    #expect(reason([record(RecordType.directoryName, handle: inode)]) == .name)
    let unended = record(RecordType.object, handle: inode)[4...] + Array("abcd".utf8)
    #expect(reason([record(RecordType.newDirectoryName, Array(unended))]) == .name)
  }
}
