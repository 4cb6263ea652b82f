import LinuxSystem
import SystemPackage
import Tree

/// Commits that follow each other in one segment, and what an index has of them.
struct IndexStretch {
  /// What is looked for.
  struct Sought {
    /// Its place among what was asked for.
    let place: Int
    let number: UInt64
    let isName: Bool
    let isOnlyOfNames: Bool

    /// In the order in which they stand in a part: objects before names, each by their numbers.
    static func sorted(_ keys: [IndexKey]) -> [Sought] {
      keys.enumerated().map { Sought($0.offset, $0.element) }
        .sorted { ($0.isName ? 1 : 0, $0.number) < ($1.isName ? 1 : 0, $1.number) }
    }

    private init(_ place: Int, _ key: IndexKey) {
      self.place = place
      switch key {
      case .object(let id): (number, isName, isOnlyOfNames) = (id.rawValue, false, false)
      case .names(let id): (number, isName, isOnlyOfNames) = (id.rawValue, false, true)
      case .name(let name, let directory):
        number = name.withUnsafeBytes { IndexKey.number(of: $0, in: directory) }
        (isName, isOnlyOfNames) = (true, false)
      }
    }
  }

  private enum Source {
    case none
    case file(at: Int64)
    case memory([UInt8])
    case passed(PassedCommits)
  }

  let segment: Sequence
  let after: Cursor
  /// The last commit; nil up to the present end.
  let last: Sequence?
  let begins: Int64
  let ends: Int64
  private var source: Source

  var isIndexed: Bool { if case .none = source { false } else { true } }
  var isInMemory: Bool { if case .memory = source { true } else { isPassed } }
  var isPassed: Bool { if case .passed = source { true } else { false } }
  var isFromFile: Bool { if case .file = source { true } else { false } }

  /// What a part in an index's file covers.
  init(fileAt at: Int64, _ part: IndexPart) { self.init(part, .file(at: at)) }

  /// What a part that is nowhere else covers.
  init(memory bytes: [UInt8], _ part: IndexPart) { self.init(part, .memory(bytes)) }

  /// What no index covers, and was passed.
  init(_ stretch: IndexStretch, passed: PassedCommits) {
    segment = stretch.segment
    after = stretch.after
    last = passed.last.sequence
    begins = stretch.begins
    ends = passed.ends
    source = .passed(passed)
  }

  private init(_ part: IndexPart, _ source: Source) {
    segment = part.segment
    after = part.before
    last = part.last.sequence
    begins = part.begins
    ends = part.ends
    self.source = source
  }

  /// What no index covers.
  init(segment: Sequence, after: Cursor, last: Sequence?, begins: Int64, ends: Int64) {
    self.segment = segment
    self.after = after
    self.last = last
    self.begins = begins
    self.ends = ends
    source = .none
  }

  /// Believes the index no more.
  mutating func forget() { source = .none }

  /// Gives what is found.
  ///
  /// - Parameter sought: objects before names, each in the order of their numbers.
  /// - Returns: false where the index is not as it was written.
  func find(_ sought: [Sought], _ files: inout IndexFiles, _ body: (JournalIndex.Hit) -> Void) -> Bool {
    if case .passed(let commits) = source { return find(sought, commits, body) }
    guard let head = head(&files) else { return false }
    var found: [(key: Int, commit: Int, isOfNames: Bool)] = []
    var block: (offset: Int, bytes: [UInt8])? = nil
    for one in sought {
      guard let place = head.block(with: one.number, isName: one.isName) else { continue }
      if block?.offset != place.offset {
        guard let bytes = read(at: place.offset, place.bytes, &files) else { return false }
        block = (place.offset, bytes)
      }
      do throws(ByteReader.Malformed) {
        try IndexPart.find(one.number, in: block!.bytes, of: place, commitCount: head.part.commitCount) {
          commit, isOfNames in
          if isOfNames || !one.isOnlyOfNames { found.append((one.place, commit, isOfNames)) }
        }
      } catch { return false }
    }
    guard let low = found.map(\.commit).min(), let high = found.map(\.commit).max() else { return true }
    let at = head.part.headBytes + low * IndexPart.placeBytes
    guard let places = read(at: at, (high - low + 1) * IndexPart.placeBytes, &files) else { return false }
    for hit in found {
      guard let place = place(places, hit.commit - low) else { return false }
      body(JournalIndex.Hit(key: hit.key, place: place, isOfNames: hit.isOfNames))
    }
    return true
  }

  /// - Parameter sought: objects alone.
  private func find(
    _ sought: [Sought], _ commits: PassedCommits, _ body: (JournalIndex.Hit) -> Void
  ) -> Bool {
    precondition(sought.allSatisfy { !$0.isName }, "what was passed has no names")
    return commits.find(ObjectFilter(Set(sought.map { ObjectID($0.number) })), in: segment) { place, changes in
      for object in changes.objects {
        let isOfNames = object.isOfNames
        for one in sought where one.number == object.id.rawValue && (isOfNames || !one.isOnlyOfNames) {
          body(JournalIndex.Hit(key: one.place, place: place, isOfNames: isOfNames))
        }
      }
    }
  }

  /// The place of the commit that has a number, or of the last before it.
  func place(atOrBefore sequence: Sequence, _ files: inout IndexFiles) -> CommitPlace? {
    if case .passed(let commits) = source { return commits.place(atOrBefore: sequence, in: segment) }
    guard let part = head(&files)?.part,
      let places = read(at: part.headBytes, part.commitCount * IndexPart.placeBytes, &files)
    else { return nil }
    var low = 0
    var high = part.commitCount
    while low < high {
      let middle = (low + high) / 2
      guard let place = place(places, middle) else { return nil }
      if place.sequence <= sequence { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : place(places, low - 1)
  }

  /// - Returns: nil where a commit cannot stand there.
  private func place(_ places: [UInt8], _ index: Int) -> CommitPlace? {
    let (offset, number) = places.withUnsafeBytes { bytes in
      (
        bytes.loadUnaligned(fromByteOffset: index * IndexPart.placeBytes, as: UInt32.self).littleEndian,
        bytes.loadUnaligned(fromByteOffset: index * IndexPart.placeBytes + 4, as: UInt32.self).littleEndian
      )
    }
    let place = CommitPlace(
      segment: segment, offset: begins + Int64(offset),
      sequence: Sequence(after.sequence.rawValue + 1 + UInt64(number)))
    return place.offset < ends && place.sequence <= last! ? place : nil
  }

  private func head(_ files: inout IndexFiles) -> IndexPart.Head? {
    var wanted = IndexPart.headBytesUsual
    while wanted > 0 {
      let count = wanted
      guard let bytes = read(at: 0, upTo: count, &files) else { return nil }
      if let head = IndexPart.Head(bytes, wanted: &wanted) {
        // The file may have been made anew since.
        return head.part.before == after && head.part.begins == begins && head.part.ends == ends
          && head.part.segment == segment && head.part.last.sequence == last ? head : nil
      }
      if wanted <= count { return nil }
    }
    return nil
  }

  private func read(at offset: Int, _ count: Int, _ files: inout IndexFiles) -> [UInt8]? {
    let bytes = read(at: offset, upTo: count, &files)
    return bytes?.count == count ? bytes : nil
  }

  private func read(at offset: Int, upTo count: Int, _ files: inout IndexFiles) -> [UInt8]? {
    switch source {
    case .none, .passed: return nil
    case .memory(let bytes):
      guard offset <= bytes.count else { return nil }
      return Array(bytes[offset..<min(offset + count, bytes.count)])
    case .file(let at): return files.read(segment, at: at + Int64(offset), upTo: count)
    }
  }
}
