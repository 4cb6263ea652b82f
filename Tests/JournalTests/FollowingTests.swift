import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// A reader beside the writer sees whole commits in their order, and no damage where there is none.
@Suite
struct FollowingTests {
  private final class Outcome: @unchecked Sendable {
    private let lock = NSLock()
    private var isDone = false
    private var failure: String? = nil
    func finish(_ what: String? = nil) {
      lock.withLock {
        isDone = true
        failure = what ?? failure
      }
    }
    var state: (isDone: Bool, failure: String?) { lock.withLock { (isDone, failure) } }
  }

  @Test func aReaderFollowsAWriterThroughSegments() throws {
    let place = try TemporaryDirectory()
    let path = Array(place["j"].utf8)
    let count: UInt64 = 3_000
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    let writer = try JournalWriter.create(
      at: path, source: SourceIdentity(path: [], rootKey: key([1]), filesystem: []))
    writer.segmentBytesMax = 6_000
    let outcome = Outcome()
    nonisolated(unsafe) let handed = writer
    let thread = Thread {
      var generator = SeededGenerator(seed)
      do {
        for number in 1...count {
          try handed.append(
            randomChanges(&generator, most: 6), rawTime: .now(), drainedSeconds: Int64(number))
          try handed.sync()
          if number % 500 == 0 {
            try handed.beginCheckpoint(at: handed.last, nextObjectID: .first).commit()
          }
        }
        outcome.finish()
      } catch {
        outcome.finish("\(error)")
      }
    }
    thread.start()
    let reader = try JournalReader.open(at: path)
    var commit = Commit()
    var read: UInt64 = 0
    var ends = 0
    while read < count {
      let isDone = outcome.state.isDone
      while try reader.next(&commit) {
        read += 1
        #expect(commit.header.drainedSeconds == Int64(read))
      }
      ends += 1
      if isDone, read < count {
        Issue.record("\(read) of \(count) commits were read: \(outcome.state)")
        break
      }
    }
    while !outcome.state.isDone {}
    #expect(outcome.state.failure == nil)
    #expect(try reader.durable() == reader.position)
    print("\(count) commits, \(ends) ends met on the way")
  }

  @Test func aCursorFromElsewhereLeadsNowhere() throws {
    let place = try TemporaryDirectory()
    _ = try writeSample(at: place["j"], commits: 9, seed: 6)
    let reader = try JournalReader.open(at: Array(place["j"].utf8))
    var commit = Commit()
    var cursors: [Cursor] = [reader.position]
    while try reader.next(&commit) { cursors.append(commit.cursor) }
    for cursor in cursors {
      #expect(try reader.seek(after: cursor))
      #expect(reader.position == cursor)
      var forged = cursor
      forged.chain = ChainValue(cursor.chain.rawValue ^ 1)
      #expect(try !reader.seek(after: forged))
    }
    var forged = cursors[3]
    forged.journal = JournalID([UInt8](repeating: 1, count: 16))
    #expect(try !reader.seek(after: forged))
    for number in [10, UInt64(Int64.max), UInt64.max - 1, .max] {
      forged = cursors[3]
      forged.sequence = Sequence(number)
      #expect(try !reader.seek(after: forged))
      #expect(try !reader.seek(after: Sequence(number)))
    }
  }
}
