import LinuxSystem
import SystemPackage
import Tree

extension JournalReader {
  /// Commits far from each other are read one by one: most are smaller than this.
  private static var windowBytes: Int { 1 << 16 }

  /// Reads the commit that stands at a place; `next` goes on after it.
  ///
  /// - Returns: false where no whole commit of that number stands there: what named the place is wrong, or
  ///   the journal is damaged, which reading it in order tells.
  package func read(_ place: CommitPlace, _ commit: inout Commit) throws(JournalError) -> Bool {
    let before = Sequence(place.sequence.rawValue - 1)
    guard try enter(place.segment, at: place.offset, Cursor(journal: id, sequence: before, chain: .start))
    else { return false }
    guard let frames, try commits.read(frames, after: position, isChainKnown: false, &commit, file: segment) == nil
    else {
      leave()
      return false
    }
    position = commit.cursor
    return true
  }

  /// Reads what the commit at a place says of the names, modes and owners of some objects; `next` does not
  /// go on after it.
  ///
  /// - Returns: false as `read` does.
  package func pick(
    _ wanted: ObjectFilter, from place: CommitPlace, into changes: inout ChangeSet
  ) throws(JournalError) -> Bool {
    let before = Sequence(place.sequence.rawValue - 1)
    guard try enter(place.segment, at: place.offset, Cursor(journal: id, sequence: before, chain: .start)),
      let frames
    else { return false }
    return try commits.pick(wanted, from: frames, place.sequence, into: &changes, file: segment)
  }

  /// Goes to a point whose place in a segment is known.
  ///
  /// - Returns: false where that is not so: no commit that follows the point stands there, nor does the
  ///   journal end with it.
  func go(to point: Cursor, in segment: Sequence, at offset: Int64) throws(JournalError) -> Bool {
    guard point.journal == id, try enter(segment, at: offset, point), let frames else { return false }
    let outcome: FrameReader.Outcome
    do throws(Errno) { outcome = try frames.next() } catch {
      throw .io(error, doing: "read", file: self.segment)
    }
    var isThere = false
    if case .frame = outcome {
      isThere = frames.withPlain { plain in
        var reader = ByteReader(plain)
        let header = try? FrameHeader(&reader)
        return header?.sequence == point.sequence.next && header?.chain == point.chain
      }
    } else {
      let durable = try durable()
      isThere = durable.sequence == point.sequence && durable.chain == point.chain
    }
    if isThere { frames.go(to: offset) } else { leave() }
    return isThere
  }

  private func enter(
    _ first: Sequence, at offset: Int64, _ point: Cursor
  ) throws(JournalError) -> Bool {
    let name = JournalDirectory.name(first, ending: JournalDirectory.segmentEnding)
    if segment != name || frames == nil {
      let opened: OpenedFile
      do throws(JournalError) {
        opened = try Self.openFile(directory, first, JournalDirectory.segmentEnding)
      } catch .io(.noSuchFileOrDirectory, _, _) {
        return false
      }
      guard opened.header.journal == id, opened.header.sequence == first else { return false }
      frames = FrameReader(
        opened.file.raw, offset: offset, decompressor: decompressor, windowBytes: Self.windowBytes)
      file = opened
      segment = name
    }
    frames!.go(to: offset)
    position = point
    return true
  }

  private func leave() {
    frames = nil
    file = nil
    segment = ""
  }
}
