import Journal
import Testing

/// Frames that someone made who knows the format: each is refused before anything is believed of it.
@Suite
struct CraftedFrameTests {
  private let journal: CraftedJournal
  private let content: [UInt8]

  init() throws {
    journal = try CraftedJournal(commits: 1)
    content = journal.contents[0]
  }

  private func isRefused(_ change: (inout CraftedFrame) -> Void) throws -> Bool {
    var frame = CraftedFrame(content)
    change(&frame)
    let (commits, finding) = try journal.read(frame.encoded())
    return commits == 0 && finding != nil
  }

  @Test func aSoundFrameMadeByHandIsRead() throws {
    #expect(try !isRefused { _ in })
    // A match of zeros eight bytes before: within the chain value, which is 0.
    #expect(try !isRefused { $0.blocks = [CraftedFrame.block(content, literals: 20, offset: 2, matched: 4)] })
    #expect(try !isRefused { frame in
      frame.blocks = [.init(bytes: Array(content.prefix(30))), .init(bytes: Array(content.dropFirst(30)))]
    })
  }

  @Test(arguments: [
    0, 1, 63, 1 << 24 + 1, 0x7fff_ffff, 0xffff_ffff, 1 << 32, 1 << 62, UInt64(Int64.max), .max,
  ] as [UInt64])
  func impossibleSizesOfContentAreRefused(size: UInt64) throws {
    #expect(try isRefused { $0.contentSize = size })
  }

  @Test func falseSizesOfContentAreRefused() throws {
    for difference in [-1, 1, 1_000] {
      #expect(try isRefused { $0.contentSize = UInt64(Int(content.count) + difference) })
    }
    // As large as a frame may claim to be, with nothing in it.
    #expect(try isRefused { frame in
      frame.contentSize = 1 << 24
      frame.blockDescriptor = 0x70
    })
  }

  @Test(arguments: [0x7fff_ffff, 0xffff_ffff, 0x8000_0000, 0x4000_0000, 1, 0x8001_0001] as [UInt32])
  func impossibleSizesOfBlocksAreRefused(size: UInt32) throws {
    #expect(try isRefused { $0.blocks[0].size = size })
  }

  @Test func blocksOfNothingAreRefusedOrSayNothing() throws {
    // The size 0 is the end of the frame.
    #expect(try isRefused { $0.blocks.insert(.init(bytes: [], size: 0), at: 0) })
    // One of no bytes before the content changes nothing, however many there are.
    let many = [CraftedFrame.Block](repeating: .init(bytes: []), count: 1_000)
    let (commits, finding) = try journal.read(
      { () -> CraftedFrame in
        var frame = CraftedFrame(content)
        frame.blocks = many + frame.blocks
        return frame
      }().encoded())
    #expect(commits == 1 || finding != nil)
  }

  @Test(arguments: [0, 21, 1_000, .max] as [UInt16])
  func matchesOfNothingAndFromBeforeTheStartAreRefused(offset: UInt16) throws {
    // All checksums are those of the content that a careless reader makes of it: zeros after 20 bytes.
    #expect(try isRefused { $0.blocks = [CraftedFrame.block(content, literals: 20, offset: offset, matched: 4)] })
  }

  @Test func blocksThatRunOutAreRefused() throws {
    for bytes in [[0xff], [0xf0, 0xff, 0xff, 0xff], [0x10], [0x1f, 0x61, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff]] as [[UInt8]] {
      #expect(try isRefused { $0.blocks = [.init(bytes: bytes, isCompressed: true)] })
    }
  }

  @Test func missingEndsAndChecksumsAreRefused() throws {
    #expect(try isRefused { $0.hasEndMark = false })
    #expect(try isRefused { $0.contentChecksum ^= 1 })
    for bit in [0b100, 0b1_0000, 0b10_0000] as [UInt8] { #expect(try isRefused { $0.flags ^= bit }) }
    #expect(try isRefused { $0.flags &= ~0b1000 })
    #expect(try isRefused { frame in
      frame.flags |= 1
      frame.dictionary = 7
    })
    // Another version of LZ4's frames, and the bits that are to be 0.
    #expect(try isRefused { $0.flags ^= 0b1100_0000 })
    #expect(try isRefused { $0.flags |= 0b10 })
    for descriptor in [0x00, 0x10, 0x30, 0x50, 0x60, 0x70, 0x41, 0xc0] as [UInt8] {
      #expect(try isRefused { $0.blockDescriptor = descriptor }, "block descriptor \(descriptor)")
    }
  }

  @Test func whatFollowsTheLastFrameIsATornTailAndNoCommit() throws {
    for trailing in [[0], [0x04, 0x22, 0x4d, 0x18], Array(repeating: 0xff, count: 100)] as [[UInt8]] {
      var frame = CraftedFrame(content)
      frame.trailing = trailing
      let (commits, finding) = try journal.read(frame.encoded())
      #expect(commits == 1 && finding == nil)
    }
  }
}
