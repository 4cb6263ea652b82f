import Fanotify
import TestSupport
import Testing

/// The cursor over bytes that are cut, changed or made up; each run ends before an unreadable page.
struct CursorFuzzTests {
  let memory = GuardedMemory(bytesMax: 8192)

  /// One event of every kind.
  static let valid: CraftedEvents = {
    let parent = [UInt8](1...8)
    let inode = [UInt8](20...39)
    var crafted = CraftedEvents()
    crafted.add(
      mask: .create,
      [
        record(RecordType.directoryName, handle: parent, name: Array("name".utf8)),
        record(RecordType.object, handle: inode),
      ])
    crafted.add(mask: .queueOverflow)
    crafted.add(
      mask: [.rename, .onDirectory],
      [
        record(RecordType.oldDirectoryName, handle: parent, name: Array("old".utf8)),
        record(RecordType.newDirectoryName, handle: parent, name: Array("newer".utf8)),
        record(RecordType.object, handle: inode),
        record(RecordType.process, [0xFF, 0xFF, 0xFF, 0xFF]),
      ])
    crafted.add(
      mask: .filesystemError,
      [
        record(RecordType.error, [5, 0, 0, 0, 1, 0, 0, 0]),
        record(RecordType.object, handle: [], handleType: 0xFF),
      ])
    crafted.add(
      mask: .mountDetached, [record(RecordType.mount, [UInt8](repeating: 0, count: 12))])
    crafted.add(mask: .preAccess, [record(RecordType.range, [UInt8](1...20))])
    crafted.add(mask: .attributes, [record(RecordType.directory, handle: parent), record(77, [1])])
    return crafted
  }()

  @Test func everyTruncationEndsOrIsAnError() {
    let whole = memory.seen(Self.valid.bytes)
    #expect(whole.error == nil && whole.events.count == 7)
    for count in 0..<Self.valid.bytes.count {
      let (events, error) = memory.seen(Self.valid.bytes.prefix(count))
      #expect(events == Array(whole.events.prefix(events.count)))
      // Without an error, the cut lies between two events.
      #expect(error != nil || Self.eventEnds.contains(count), "cut at \(count)")
    }
  }

  private static let eventEnds: Set<Int> = {
    var ends: Set<Int> = [0]
    var at = 0
    while at < valid.bytes.count {
      at += Int(valid.bytes[at]) | Int(valid.bytes[at + 1]) << 8
      ends.insert(at)
    }
    return ends
  }()

  @Test func everyChangedByteIsReadWithinBounds() {
    for at in Self.valid.bytes.indices {
      for value in [0, 1, 3, 4, 0x7F, 0x80, 0xFF] as [UInt8] {
        var changed = Self.valid.bytes
        changed[at] = value
        _ = memory.seen(changed)
      }
    }
  }

  @Test func randomBytesAreReadWithinBounds() {
    let seed = Thoroughness.seed()
    print("randomBytesAreReadWithinBounds: seed \(seed)")
    var random = SeededRandom(seed: seed)
    let rounds = Thoroughness.isFull ? 2_000_000 : 50_000
    var (given, refused) = (0, 0)
    for _ in 0..<rounds {
      let (events, error) = memory.seen(Self.bytes(&random))
      given += events.count
      refused += error == nil ? 0 : 1
    }
    // Both ways out are taken, or the bytes are not what they are meant to be.
    #expect(given > rounds / 100 && refused > rounds / 100, "seed \(seed)")
  }

  /// The valid events with a few bytes changed, or an event of random records.
  private static func bytes(_ random: inout SeededRandom) -> [UInt8] {
    if random.next() % 2 == 0 {
      var bytes = valid.bytes
      for _ in 0..<random.next() % 4 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      return Array(bytes.prefix(Int(random.next() % UInt64(bytes.count)) + 1))
    }
    let records = (0..<random.next() % 5).map { _ in
      let content = (0..<random.next() % 60).map { _ in
        // Small values, because they are the ones that look like lengths.
        UInt8(truncatingIfNeeded: random.next() % 3 == 0 ? random.next() : random.next() % 16)
      }
      let lie = random.next() % 8 == 0 ? Int(random.next() % 80) : nil
      return record(UInt8(random.next() % 14), content, length: lie)
    }
    var crafted = CraftedEvents()
    crafted.add(mask: EventMask(rawValue: random.next()), records)
    return crafted.bytes
  }
}

/// A small generator that gives the same numbers for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
