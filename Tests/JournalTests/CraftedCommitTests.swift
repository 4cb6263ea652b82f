import Journal
import LinuxSystem
import Testing

/// Commits whose checksums are right, in an order or of a kind that nobody wrote.
@Suite
struct CraftedCommitTests {
  private func frames(_ contents: [[UInt8]]) -> [UInt8] { contents.flatMap { CraftedFrame($0).encoded() } }

  @Test func commitsThatAreRepeatedMissingOrOutOfOrderAreRefused() throws {
    let journal = try CraftedJournal(commits: 4)
    let written = journal.contents
    #expect(try journal.read(frames(CraftedJournal.chained(written))).commits == 4)
    for order in [[0, 1, 1, 2, 3], [0, 0, 1, 2, 3], [0, 2, 1, 3], [0, 2, 3], [1, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3, 0]] {
      let (commits, finding) = try journal.read(frames(CraftedJournal.chained(order.map { written[$0] })))
      let right = zip(order, 0...).prefix { $0 == $1 }.count
      #expect(commits == right, "\(order)")
      #expect((finding != nil) == (right < 4), "\(order)")
    }
  }

  @Test func whatALaterVersionAddsIsPassedOverOrRefusedAsItsFlagSays() throws {
    let journal = try CraftedJournal(commits: 1)
    let content = journal.contents[0]
    func isRead(_ change: (inout [UInt8]) -> Void) throws -> Bool {
      var changed = content
      change(&changed)
      let (commits, finding) = try journal.read(frames([changed]))
      #expect((commits == 1) == (finding == nil))
      return commits == 1
    }
    func section(_ kind: UInt8, _ flags: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [kind, flags] + withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) } + bytes
    }
    // A section, at the end and at the front.
    #expect(try isRead { $0 += section(99, 0, [1, 2, 3]) })
    #expect(try isRead { $0.insert(contentsOf: section(99, 0, []), at: 64) })
    #expect(try !isRead { $0 += section(99, 1, [1, 2, 3]) })
    #expect(try !isRead { $0 += section(99, 0, [1, 2, 3]).dropLast() })
    #expect(try !isRead { $0 += [99] })
    // A mark.
    #expect(try isRead { $0 += section(1, 0, [200, 3, 1, 2, 3]) })
    #expect(try !isRead { $0 += section(1, 0, [200, 4, 1, 2, 3]) })
    #expect(try !isRead { $0 += section(1, 0, [200] + [UInt8](repeating: 0xff, count: 10)) })
    // A column behind those that are known; the upper bit says that it may be passed over.
    func column(_ number: UInt8) throws -> Bool {
      try isRead { changed in
        changed += [number, 2, 5, 5]
        let length = UInt32(changed.count - 70)
        withUnsafeBytes(of: length.littleEndian) { changed.replaceSubrange(66..<70, with: $0) }
      }
    }
    for number in [20, 99, 127] as [UInt8] {
      #expect(try column(number | 0x80))
      #expect(try !column(number))
    }
    // Some that are known, a second time or in the wrong place.
    for number in [1, 17, 18] as [UInt8] {
      #expect(try !column(number))
      #expect(try !column(number | 0x80))
    }
    // The frame's and the commit's own flags: the upper eight are to be understood.
    for (at, bit) in [(4, 0x80), (6, 0x40)] as [(Int, UInt8)] {
      #expect(try isRead { $0[at] |= bit })
      #expect(try !isRead { $0[at + 1] |= 0x80 })
    }
  }

  @Test func aSecondObjectsSectionIsReadAsFurtherObjectsAndNoneTwice() throws {
    let journal = try CraftedJournal(commits: 2)
    let (first, second) = (journal.contents[0], journal.contents[1])
    #expect(try journal.read(frames([first + second[64...]])).commits == 1)
    let (commits, finding) = try journal.read(frames([first + first[64...]]))
    #expect(commits == 0 && finding != nil)
  }

  @Test func tenMillionObjectsThatAreNotThereAreRefusedAtOnce() throws {
    let journal = try CraftedJournal(commits: 1)
    for count in [[0x80, 0xad, 0xe2, 0x04], [0xff, 0xff, 0xff, 0xff, 0x0f], Array(repeating: 0xff, count: 9) + [1]] as [[UInt8]] {
      var content = journal.contents[0]
      content.replaceSubrange(70..<71, with: count)
      let length = UInt32(content.count - 70)
      withUnsafeBytes(of: length.littleEndian) { content.replaceSubrange(66..<70, with: $0) }
      let (commits, finding) = try journal.read(frames([content]))
      #expect(commits == 0 && finding != nil)
    }
  }
}
