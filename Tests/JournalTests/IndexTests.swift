import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree

/// What an index finds is all that there is, and one that is damaged or of something else rules nothing out.
@Suite
struct IndexTests {
  private func grown(_ seed: UInt64) throws -> GrowingJournal {
    let growing = try GrowingJournal(Retention(), seed: seed)
    growing.writer.segmentBytesMax = 6_000
    for _ in 1...120 { try growing.commit() }
    return growing
  }

  /// The commits, by their first number, that say something of each key.
  private func truth(_ growing: GrowingJournal) throws -> [IndexKey: Set<Sequence>] {
    let reader = try JournalReader.open(at: growing.path)
    var found: [IndexKey: Set<Sequence>] = [:]
    var commit = Commit()
    while try reader.next(&commit) {
      for object in commit.changes.objects {
        found[.object(object.id), default: []].insert(commit.first)
        if object.linkCount > 0 { found[.names(of: object.id), default: []].insert(commit.first) }
        for link in commit.changes.links(of: object) {
          found[.name(commit.changes.array(link.name), in: link.parent), default: []].insert(commit.first)
        }
      }
    }
    return found
  }

  /// Whether what an index finds is what is there; nil where it finds nothing out.
  private func isTrue(_ growing: GrowingJournal, _ truth: [IndexKey: Set<Sequence>]) throws -> Bool? {
    let keys = Array(truth.keys)
    guard let hits = try JournalIndex(at: growing.path).hits(of: keys) else { return nil }
    var found: [IndexKey: Set<Sequence>] = [:]
    for hit in hits { found[keys[hit.key], default: []].insert(hit.place.sequence) }
    #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.place <= $1.place })
    return keys.allSatisfy { key in
      // Names may share a number.
      if case .name = key { return truth[key]!.isSubset(of: found[key] ?? []) }
      return truth[key] == found[key]
    }
  }

  private func check(_ growing: GrowingJournal) throws {
    #expect(try isTrue(growing, truth(growing)) == true)
    #expect(try JournalIndex(at: growing.path).hits(of: [.object(ObjectID(1 << 40))])?.isEmpty == true)
  }

  @Test func anObjectAndANameAreFoundWhereTheyAre() throws {
    let growing = try grown(1)
    #expect(try JournalIndex(at: growing.path).segments.allSatisfy { $0.lastTime == nil })
    try check(growing)
    let sealed = try JournalIndex(at: growing.path).segments.count - 1
    #expect(sealed >= 3)
    #expect(try JournalIndex.build(at: growing.path) == sealed)
    #expect(try JournalIndex.build(at: growing.path) == 0)
    #expect(try JournalIndex(at: growing.path).segments.dropLast().allSatisfy { $0.lastTime != nil })
    try check(growing)
    for _ in 1...30 {
      try growing.commit()
      try check(growing)
    }
    try JournalIndex.build(at: growing.path)
    try check(growing)
    // What was compacted stands elsewhere: its index is made anew.
    _ = try JournalCompaction.run(at: growing.path, .init(), now: growing.now)
    #expect(try JournalIndex(at: growing.path).segments.allSatisfy { $0.lastTime == nil })
    try check(growing)
    #expect(try JournalIndex.build(at: growing.path) >= sealed)
    try check(growing)
  }

  @Test func anIndexThatIsSoundAndWrongIsFoundAndMadeAnew() throws {
    let growing = try grown(7)
    try JournalIndex.build(at: growing.path)
    let place = try TemporaryDirectory()
    try succeed(["cp", "-a", String(decoding: growing.path, as: UTF8.self), place["j"]])
    try expectWrongIndexIsFound("00000000000000000001.index", in: place["j"])
  }

  @Test func theSameIsFoundOfTheIndexOfACheckpoint() throws {
    // Beginnings are dropped, so that the journal begins with a tree.
    let growing = try GrowingJournal(Retention(bytes: 60_000), seed: 4)
    for _ in 1...300 {
      try growing.commit()
      _ = try growing.maintain()
    }
    growing.close()
    try JournalIndex.build(at: growing.path)
    let names = try FileManager.default.contentsOfDirectory(atPath: growing.place["j"])
    let name = try #require(names.first { $0.hasSuffix(".checkpoint-index") })
    try expectWrongIndexIsFound(name, in: growing.place["j"])
  }

  /// Makes an index wrong whose checksums are all right.
  private func expectWrongIndexIsFound(_ name: String, in path: String) throws {
    let journal = Array(path.utf8)
    #expect(try JournalVerification(at: journal).findings.isEmpty)
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    var bytes = [UInt8](try Data(contentsOf: file))
    func number(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
    func seal(_ range: Range<Int>, at place: Int) {
      let sum = bytes.withUnsafeBytes { checksum64(UnsafeRawBufferPointer(rebasing: $0[range])) }
      withUnsafeBytes(of: sum.littleEndian) { bytes.replaceSubrange(place..<place + 8, with: $0) }
    }
    // The last of what the first block says, with all checksums made right.
    let (blocks, start) = (number(116) + number(120), number(144))
    let end = start + number(148)
    bytes[end - 1] ^= 1
    seal(start..<end, at: 152)
    seal(0..<136 + 24 * blocks, at: 136 + 24 * blocks)
    try Data(bytes).write(to: file)
    let findings = try JournalVerification(at: journal).findings
    #expect(findings.map(\.file) == [name], "\(findings)")
    let repaired = try JournalRepair(at: journal)
    #expect(repaired.done.contains { $0.contains(name) } && repaired.remaining.isEmpty)
    #expect(try JournalVerification(at: journal).findings.isEmpty)
  }

  @Test func aPlaceHasTheCommitThatItIsSaidToHave() throws {
    let growing = try grown(5)
    for isBuilt in [false, true] {
      if isBuilt { try JournalIndex.build(at: growing.path) }
      let index = try JournalIndex(at: growing.path)
      let reader = try JournalReader.open(at: growing.path)
      var commit = Commit()
      for number in (1...120).shuffled() {
        let place = try #require(try index.place(atOrBefore: Sequence(UInt64(number))))
        #expect(try place.sequence.rawValue == number && reader.read(place, &commit))
        #expect(commit.cursor.sequence.rawValue == number && commit.cursor.chain == growing.chains[number])
        if number == 120 { continue }
        #expect(try reader.next(&commit) && commit.cursor.chain == growing.chains[number + 1])
        var wrong = place
        wrong.sequence = wrong.sequence.next
        #expect(try !reader.read(wrong, &commit))
        wrong = place
        wrong.offset += 1
        #expect(try !reader.read(wrong, &commit))
      }
    }
  }

  @Test func whatIsPickedOfACommitIsWhatItSays() throws {
    let growing = try grown(6)
    let index = try JournalIndex(at: growing.path)
    let reader = try JournalReader.open(at: growing.path)
    let picker = try JournalReader.open(at: growing.path)
    var commit = Commit()
    while try reader.next(&commit) {
      let wanted = Set(commit.changes.objects.filter { _ in Bool.random() }.map(\.id) + [ObjectID(1 << 50)])
      var picked = ChangeSet()
      let place = try #require(try index.place(atOrBefore: commit.first))
      #expect(try picker.pick(ObjectFilter(wanted), from: place, into: &picked))
      func said(_ changes: ChangeSet) -> [String] {
        changes.objects.filter { wanted.contains($0.id) }.map { object in
          "\(object.id) \(object.facts) \(object.attributes.mode) \(object.attributes.uid) "
            + changes.links(of: object).map { "\($0.parent) \(changes.link($0).name) \($0.isGained)" }.joined()
        }
      }
      #expect(said(picked) == said(commit.changes))
    }
  }

  @Test func aTimeIsFoundInItsSegment() throws {
    let growing = try grown(2)
    try JournalIndex.build(at: growing.path)
    let index = try JournalIndex(at: growing.path)
    let reader = try JournalReader.open(at: growing.path)
    var commit = Commit()
    while try reader.next(&commit) {
      let segment = try #require(index.segment(at: commit.header.time))
      #expect(segment.first <= commit.first)
      if let last = segment.last, segment != index.segments.dropLast().last {
        #expect(commit.cursor.sequence <= last)
      }
    }
    #expect(index.segment(at: .zero)?.first == Sequence(1))
  }

  @Test func aDamagedIndexRulesNothingOut() throws {
    let growing = try grown(3)
    try JournalIndex.build(at: growing.path)
    let truth = try truth(growing)
    let file = URL(fileURLWithPath: "\(growing.place["j"])/00000000000000000001.index")
    let whole = try Data(contentsOf: file)
    let reader = try JournalReader.open(at: growing.path)
    var commit = Commit()
    for at in stride(from: Int.random(in: 0..<97), to: whole.count, by: 97) {
      var changed = whole
      changed[at] ^= UInt8(1 << (at % 8))
      for data in [changed, whole.prefix(at)] {
        try data.write(to: file)
        defer {
          #expect(throws: Never.self) { try JournalIndex.build(at: growing.path, isChecked: true) }
          #expect((try? Data(contentsOf: file)) == whole, "byte \(at)")
        }
        if try isTrue(growing, truth) == true { continue }
        // Then the place of a commit is wrong, and reading there shows it.
        let keys = Array(truth.keys)
        let hits = try #require(try JournalIndex(at: growing.path).hits(of: keys), "byte \(at)")
        #expect(try hits.contains { try !reader.read($0.place, &commit) }, "byte \(at)")
      }
    }
    try Data().write(to: file)
    #expect(try JournalIndex.build(at: growing.path) == 1)
    #expect(try Data(contentsOf: file) == whole)
    #expect(try JournalVerification(at: growing.path).findings.isEmpty)
  }

  @Test func anIndexOfAnotherJournalIsOfNoUse() throws {
    let growing = try grown(3)
    let other = try grown(7)
    try JournalIndex.build(at: other.path)
    let name = "00000000000000000001.index"
    try FileManager.default.copyItem(atPath: "\(other.place["j"])/\(name)", toPath: "\(growing.place["j"])/\(name)")
    #expect(try JournalIndex(at: growing.path).segments.allSatisfy { $0.lastTime == nil })
    try check(growing)
    try JournalIndex.build(at: growing.path)
    #expect(try JournalIndex(at: growing.path).segments[0].lastTime != nil)
    try check(growing)
  }

  @Test func indexesGoWithTheirSegments() throws {
    let growing = try GrowingJournal(Retention(bytes: 100_000), seed: 4)
    for _ in 1...200 {
      try growing.commit()
      try JournalIndex.build(at: growing.path)
      _ = try growing.maintain()
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: growing.place["j"])
    let numbers = { (ending: String) in Set(names.filter { $0.hasSuffix(ending) }.map { $0.prefix(20) }) }
    #expect(numbers(".index").isSubset(of: numbers(".tlj")))
  }
}
