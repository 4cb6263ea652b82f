import LinuxSystem
import SystemPackage
import Tree

/// Reads a checkpoint: the tree of one commit as changes from the empty tree, part by part.
public final class CheckpointReader {
  /// The commit that it is of.
  public let cursor: Cursor
  /// The number of the next new object.
  public let nextObjectID: ObjectID

  private let name: String
  private let file: JournalReader.OpenedFile
  private let frames: FrameReader
  private var chain: ChainValue
  private var objects: UInt64 = 0
  private var isAtEnd = false

  init(_ directory: JournalDirectory, _ number: Sequence, journal: JournalID) throws(JournalError) {
    let opened = try JournalReader.openFile(directory, number, JournalDirectory.checkpointEnding)
    let header = opened.header
    let name = JournalDirectory.name(number, ending: JournalDirectory.checkpointEnding)
    guard header.journal == journal, header.sequence == number else {
      throw .damaged(
        Finding(file: name, offset: 0, sequence: number, what: "it belongs to another journal"))
    }
    self.name = name
    cursor = Cursor(journal: journal, sequence: number, chain: header.chain)
    nextObjectID = ObjectID(header.nextObjectID)
    file = opened
    frames = FrameReader(
      opened.file.raw, offset: Int64(opened.headerBytes), decompressor: Decompressor())
    chain = header.chain
  }

  /// Where the next part begins in the file, and the chain value before it.
  var place: (offset: Int64, chain: ChainValue) { (frames.offset, chain) }

  /// Reads the next part; false after the last.
  ///
  /// - Throws: `damaged`: a checkpoint was durable before it got its name.
  public func next(_ changes: inout ChangeSet) throws(JournalError) -> Bool {
    if isAtEnd { return false }
    changes.removeAll()
    let outcome: FrameReader.Outcome
    do throws(Errno) { outcome = try frames.next() } catch {
      throw .io(error, doing: "read", file: name)
    }
    switch outcome {
    case .frame: break
    case .end, .incomplete: throw damaged("it ends too early")
    case .malformed(let what): throw damaged(what)
    }
    var marks: [Mark] = []
    var nobody = Attribution()
    var decoded: (FrameHeader, end: [UInt8]?)? = nil
    var failure: ByteReader.Malformed? = nil
    frames.withPlain { plain in
      do throws(ByteReader.Malformed) {
        decoded = try FrameDecoder.decode(
          plain, marks: &marks, changes: &changes, attribution: &nobody)
      } catch { failure = error }
    }
    if let failure { throw damaged(failure.what) }
    let (header, end) = decoded!
    guard header.range == nil, header.chain == chain, header.hasMore == (end == nil)
    else { throw damaged("its parts do not follow each other") }
    chain = ChainValue(frames.withPlain { XXH64.hash($0, seed: chain.rawValue) })
    objects += UInt64(changes.objects.count)
    guard let end else { return true }
    isAtEnd = true
    let said = end.withUnsafeBytes { $0.count == 8 ? $0.loadUnaligned(as: UInt64.self) : nil }
    guard said.map(UInt64.init(littleEndian:)) == objects else {
      throw damaged("objects are missing in it")
    }
    var isWhole = false
    do throws(Errno) { if case .end = try frames.next() { isWhole = true } } catch {
      throw .io(error, doing: "read", file: name)
    }
    guard isWhole else { throw damaged("something follows its end") }
    return !changes.isEmpty
  }

  private func damaged(_ what: String) -> JournalError {
    .damaged(Finding(file: name, offset: frames.offset, sequence: cursor.sequence, what: what))
  }
}
