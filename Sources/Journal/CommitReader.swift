import LinuxSystem
import SystemPackage
import Tree

/// Reads whole commits from a file's frames, each checked against the one before.
struct CommitReader {
  /// Why no whole commit could be read.
  struct Stop {
    let what: String
    let offset: Int64
    /// The file ends after a whole commit.
    var isBorder = false
    /// The file ends there, after a whole commit or within one.
    var isEnd = false
  }

  /// Bytes of content, decompressed, that were read so far.
  private(set) var plainBytes: UInt64 = 0
  private var objectIDs: Set<ObjectID> = []

  /// Reads the commit that follows `position`.
  ///
  /// - Parameters:
  ///   - isChainKnown: otherwise the first frame is believed what it says of the chain before it.
  ///   - file: its name, for what is thrown.
  /// - Returns: nil when there was one; its cursor is in it.
  mutating func read(
    _ frames: FrameReader, after position: Cursor, isChainKnown: Bool = true, _ commit: inout Commit,
    file: String
  ) throws(JournalError) -> Stop? {
    let expected = position.sequence.next
    var chain = position.chain
    commit.marks.removeAll(keepingCapacity: true)
    commit.changes.removeAll()
    commit.attribution.removeAll()
    var isFirst = true
    var range: CommitRange? = nil
    while true {
      let at = frames.offset
      let outcome: FrameReader.Outcome
      do throws(Errno) { outcome = try frames.next() } catch {
        throw .io(error, doing: "read", file: file)
      }
      switch outcome {
      case .end where isFirst:
        return Stop(what: "commit \(expected.rawValue) is missing", offset: at, isBorder: true, isEnd: true)
      case .end, .incomplete:
        return Stop(what: "it ends within commit \(expected.rawValue)", offset: at, isEnd: true)
      case .malformed(let what):
        return Stop(what: what, offset: at)
      case .frame: break
      }
      plainBytes += UInt64(frames.plain.count)
      let header: FrameHeader
      do throws(ByteReader.Malformed) {
        header = try Self.decode(frames, &commit)
        guard header.sequence == expected else {
          throw ByteReader.Malformed(
            "commit \(header.sequence.rawValue) stands where \(expected.rawValue) should")
        }
        if isFirst, !isChainKnown { chain = header.chain }
        guard header.chain == chain else {
          throw ByteReader.Malformed("the commit does not follow the one before it")
        }
        guard isFirst || header.range == range else {
          throw ByteReader.Malformed("the commit's parts stand for different commits")
        }
        if !header.hasMore { try checkObjects(commit.changes) }
      } catch {
        return Stop(what: error.what, offset: at)
      }
      chain = ChainValue(frames.withPlain { XXH64.hash($0, seed: chain.rawValue) })
      isFirst = false
      range = header.range
      guard !header.hasMore else { continue }
      commit.header = CommitHeader(
        flags: header.commitFlags, time: header.time, rawTime: header.rawTime,
        drainedSeconds: header.drainedSeconds, incarnation: header.incarnation)
      commit.first = expected
      commit.firstTime = range?.firstTime ?? header.time
      commit.cursor = Cursor(
        journal: position.journal, sequence: range?.last ?? expected, chain: range?.chain ?? chain)
      return nil
    }
  }

  /// Passes the commit that follows `position`: its checksums and its place in the chain are checked, what
  /// it says is not looked at.
  ///
  /// - Parameter body: is given the content of each of its frames.
  /// - Returns: nil where there is none that is whole, and where it stands for several; `read` knows more.
  mutating func pass(
    _ frames: FrameReader, after position: Cursor, file: String, _ body: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(JournalError) -> Cursor? {
    let expected = position.sequence.next
    var chain = position.chain
    while true {
      let outcome: FrameReader.Outcome
      do throws(Errno) { outcome = try frames.next() } catch {
        throw .io(error, doing: "read", file: file)
      }
      guard case .frame = outcome else { return nil }
      plainBytes += UInt64(frames.plain.count)
      let header = frames.withPlain { plain in
        var reader = ByteReader(plain)
        return try? FrameHeader(&reader)
      }
      guard let header, header.range == nil, header.sequence == expected, header.chain == chain else {
        return nil
      }
      chain = ChainValue(frames.withPlain { XXH64.hash($0, seed: chain.rawValue) })
      frames.withPlain(body)
      if !header.hasMore {
        return Cursor(journal: position.journal, sequence: expected, chain: chain)
      }
    }
  }

  /// Reads what the next commit says of the names, modes and owners of some objects.
  ///
  /// - Returns: false where no whole commit of that number stands there.
  mutating func pick(
    _ wanted: ObjectFilter, from frames: FrameReader, _ sequence: Sequence, into changes: inout ChangeSet,
    file: String
  ) throws(JournalError) -> Bool {
    var chain: ChainValue? = nil
    while true {
      let outcome: FrameReader.Outcome
      do throws(Errno) { outcome = try frames.next() } catch {
        throw .io(error, doing: "read", file: file)
      }
      guard case .frame = outcome else { return false }
      plainBytes += UInt64(frames.plain.count)
      let header = frames.withPlain { try? ObjectPicker.pick($0, wanted, into: &changes) }
      guard let header, header.sequence == sequence, chain == nil || header.chain == chain else { return false }
      if !header.hasMore { return true }
      chain = ChainValue(frames.withPlain { XXH64.hash($0, seed: header.chain.rawValue) })
    }
  }

  private static func decode(
    _ frames: FrameReader, _ commit: inout Commit
  ) throws(ByteReader.Malformed) -> FrameHeader {
    var failure: ByteReader.Malformed? = nil
    var header: FrameHeader? = nil
    frames.withPlain { plain in
      do throws(ByteReader.Malformed) {
        header = try FrameDecoder.decode(
          plain, marks: &commit.marks, changes: &commit.changes, attribution: &commit.attribution
        ).0
      } catch { failure = error }
    }
    if let failure { throw failure }
    return header!
  }

  /// No object has two entries in one commit.
  private mutating func checkObjects(_ changes: ChangeSet) throws(ByteReader.Malformed) {
    var last = ObjectID.none
    var isAscending = true
    for object in changes.objects {
      if object.id <= last { isAscending = false }
      last = object.id
    }
    if isAscending { return }
    objectIDs.removeAll(keepingCapacity: true)
    for object in changes.objects where !objectIDs.insert(object.id).inserted {
      throw ByteReader.Malformed("object \(object.id.rawValue) stands twice in a commit")
    }
  }
}
