import Foundation
import Journal
import TestSupport
import Testing
import Tree

/// What was durable and is not there any more, or not as it was, is found; never misread.
@Suite
struct DamageTests {
  /// Reads all that can be read, and says whether damage was reported.
  private func read(_ path: String) -> (commits: [[String]], isDamaged: Bool) {
    var commits: [[String]] = []
    do {
      let reader = try JournalReader.open(at: Array(path.utf8))
      _ = try reader.durable()
      var commit = Commit()
      while try reader.next(&commit) { commits.append(describe(commit.changes)) }
      return (commits, false)
    } catch {
      return (commits, true)
    }
  }

  private func readAll(_ path: String) throws {
    let reader = try JournalReader.open(at: Array(path.utf8))
    var commit = Commit()
    while try reader.next(&commit) {}
  }

  /// Makes a socket of that name.
  private func bind(socket name: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // Names of sockets are short: it is made where it shall be and goes by a link to there.
    let directory = URL(fileURLWithPath: name).deletingLastPathComponent().path
    let place = open(directory, O_RDONLY | O_DIRECTORY)
    defer { close(place) }
    let path = Array("/proc/self/fd/\(place)/\(URL(fileURLWithPath: name).lastPathComponent)".utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    try #require(isBound)
  }

  private func segments(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".tlj") }.sorted()
  }

  @Test func everyTruncationOfWhatWasDurableIsDamage() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    let written = try writeSample(at: path, commits: 6, seed: seed)
    #expect(read(path).commits == written)
    for name in try segments(path) {
      let file = URL(fileURLWithPath: "\(path)/\(name)")
      let whole = try Data(contentsOf: file)
      for length in 0..<whole.count {
        try whole.prefix(length).write(to: file)
        let (commits, isDamaged) = read(path)
        #expect(isDamaged, "\(name) cut to \(length) of \(whole.count) bytes")
        #expect(commits == Array(written.prefix(commits.count)))
      }
      try whole.write(to: file)
    }
  }

  @Test func everyFlippedBitIsFoundOrHarmless() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    let written = try writeSample(at: path, commits: 3, seed: seed, most: 3)
    var cases = 0
    for name in try segments(path) {
      let file = URL(fileURLWithPath: "\(path)/\(name)")
      let whole = try Data(contentsOf: file)
      for at in 0..<whole.count {
        for bit in 0..<8 {
          var flipped = whole
          flipped[at] ^= 1 << bit
          try flipped.write(to: file)
          let (commits, isDamaged) = read(path)
          #expect(isDamaged || commits == written, "\(name) byte \(at) bit \(bit)")
          #expect(commits == Array(written.prefix(commits.count)))
          cases += 1
        }
      }
      try whole.write(to: file)
    }
    print("\(cases) flipped bits")
  }

  @Test func everyByteSetToNothingOrAllIsFoundOrHarmless() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    let written = try writeSample(at: path, commits: 2, seed: seed, most: 3)
    for name in try segments(path) {
      let file = URL(fileURLWithPath: "\(path)/\(name)")
      let whole = try Data(contentsOf: file)
      for at in 0..<whole.count {
        for value in [0, 0xff] as [UInt8] {
          var changed = whole
          changed[at] = value
          try changed.write(to: file)
          let (commits, isDamaged) = read(path)
          #expect(isDamaged || commits == written, "\(name) byte \(at) is \(value)")
          #expect(commits == Array(written.prefix(commits.count)))
        }
      }
      try whole.write(to: file)
    }
  }

  @Test func everyByteOfHeadMayBeLostToItsOtherSlot() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let written = try writeSample(at: path, commits: 4, seed: 9)
    let file = URL(fileURLWithPath: "\(path)/HEAD")
    let whole = try Data(contentsOf: file)
    for at in 0..<whole.count {
      for value in [0, 0xff, whole[at] ^ 0x10] as [UInt8] {
        var changed = whole
        changed[at] = value
        try changed.write(to: file)
        #expect(read(path).commits == written)
        #expect(!read(path).isDamaged)
      }
      try whole.prefix(at).write(to: file)
      #expect(read(path).isDamaged || read(path).commits == written)
    }
  }

  @Test func everyChangeOfACheckpointIsFound() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    var generator = SeededGenerator(seed)
    _ = try writeSample(at: path, commits: 2, seed: seed)
    do {
      let writer = try JournalWriter.open(at: Array(path.utf8))
      let checkpoint = try writer.beginCheckpoint(at: writer.last, nextObjectID: ObjectID(50))
      for _ in 0..<2 { try checkpoint.add(randomChanges(&generator, most: 2)) }
      try checkpoint.commit()
    }
    let file = URL(fileURLWithPath: "\(path)/00000000000000000002.checkpoint")
    let whole = try Data(contentsOf: file)
    func isRefused() throws -> Bool {
      do {
        let reader = try JournalReader.open(at: Array(path.utf8))
        let checkpoint = try #require(try reader.checkpoint())
        var part = ChangeSet()
        while try checkpoint.next(&part) {}
        return false
      } catch is JournalError {
        return true
      }
    }
    #expect(try !isRefused())
    for at in 0..<whole.count {
      try whole.prefix(at).write(to: file)
      #expect(try isRefused(), "cut to \(at) bytes")
      for bit in 0..<8 {
        var flipped = whole
        flipped[at] ^= 1 << bit
        try flipped.write(to: file)
        #expect(try isRefused(), "byte \(at) bit \(bit)")
      }
    }
    try (whole + [0]).write(to: file)
    #expect(try isRefused())
  }

  @Test func commitsThatACheckpointNamesMustBeThere() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    _ = try writeSample(at: path, commits: 1, seed: 9)
    let head = try Data(contentsOf: URL(fileURLWithPath: "\(path)/HEAD"))
    let file = URL(fileURLWithPath: "\(path)/00000000000000000001.tlj")
    let size = try Data(contentsOf: file).count
    do {
      let writer = try JournalWriter.open(at: Array(path.utf8))
      try writer.append(ChangeSet(), rawTime: .now(), drainedSeconds: 0)
      try writer.beginCheckpoint(at: writer.last, nextObjectID: .first).commit()
    }
    #expect(!read(path).isDamaged)
    try head.write(to: URL(fileURLWithPath: "\(path)/HEAD"))
    try Data(contentsOf: file).prefix(size).write(to: file)
    #expect(read(path).isDamaged)
    #expect(throws: JournalError.self) { _ = try JournalWriter.open(at: Array(path.utf8)) }
  }

  @Test func aTornTailIsDroppedAndTheRestIsKept() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let written = try writeSample(at: path, commits: 1, seed: 3)
    let file = URL(fileURLWithPath: "\(path)/\(try segments(path).last!)")
    let whole = try Data(contentsOf: file)
    try (whole + [0x04, 0x22, 0x4d, 0x18, 1, 2, 3]).write(to: file)
    #expect(read(path).commits == written)
    let writer = try JournalWriter.open(at: Array(path.utf8))
    #expect(writer.recovery.droppedBytes == 7)
    let kept = try #require(writer.recovery.keptAs)
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(kept)")).count == 7)
    #expect(try Data(contentsOf: file) == whole)
    try writer.append(ChangeSet(), rawTime: .now(), drainedSeconds: 0)
    try writer.sync()
    #expect(read(path).commits == written + [[]])
  }

  @Test func whatStandsInPlaceOfASegmentIsRefused() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    _ = try writeSample(at: path, commits: 5, seed: 4)
    let name = "\(path)/\(try segments(path).last!)"
    let whole = try Data(contentsOf: URL(fileURLWithPath: name))
    func replaced(by make: () throws -> Void) throws -> Bool {
      try FileManager.default.removeItem(atPath: name)
      try make()
      return read(path).isDamaged
    }
    #expect(try replaced { try Data().write(to: URL(fileURLWithPath: name)) })
    #expect(try replaced { try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false) })
    #expect(try replaced { try succeed(["mkfifo", name]) })
    #expect(try replaced {
      try whole.write(to: URL(fileURLWithPath: place["elsewhere"]))
      try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: place["elsewhere"])
    })
    #expect(try replaced { try bind(socket: name) })
    if geteuid() == 0 { #expect(try replaced { try succeed(["mknod", name, "c", "1", "5"]) }) }
    // Only its header, which says how long it is; less than that; nothing of what it should be.
    let header = 8 + Int(whole[4]) + Int(whole[5]) << 8
    for bytes in [whole.prefix(header), whole.prefix(7), whole.dropFirst(1), Data(count: whole.count)] {
      #expect(try replaced { try bytes.write(to: URL(fileURLWithPath: name)) })
    }
    for version in [0, 2, 255] as [UInt8] {
      var other = whole
      other[16] = version
      #expect(try replaced { try other.write(to: URL(fileURLWithPath: name)) })
      var isNamed = false
      do { try readAll(path) } catch JournalError.unsupportedVersion(Int(version), file: name.components(separatedBy: "/").last!) { isNamed = true }
      #expect(isNamed, "version \(version)")
    }
    #expect(try !replaced { try whole.write(to: URL(fileURLWithPath: name)) })
  }

  @Test func segmentsThatAreMissingSwappedRepeatedOrForeignAreNoticed() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    _ = try writeSample(at: path, commits: 12, seed: 5)
    _ = try writeSample(at: place["other"], commits: 12, seed: 5)
    let names = try segments(path).map { "\(path)/\($0)" }
    #expect(names.count >= 3)
    let contents = try names.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    func put(_ data: Data, _ name: String) throws { try data.write(to: URL(fileURLWithPath: name)) }
    try FileManager.default.removeItem(atPath: names[1])
    #expect(read(path).isDamaged)
    try put(contents[1], names[1])
    try put(contents[2], names[1])
    try put(contents[1], names[2])
    #expect(read(path).isDamaged)
    try put(contents[1], names[1])
    try put(contents[1], names[2])
    #expect(read(path).isDamaged)
    let foreign = try segments(place["other"])[1]
    try put(try Data(contentsOf: URL(fileURLWithPath: "\(place["other"])/\(foreign)")), names[1])
    try put(contents[2], names[2])
    #expect(read(path).isDamaged)
    try put(contents[1], names[1])
    #expect(!read(path).isDamaged)
  }

  @Test func randomBytesAreNeverBelieved() throws {
    let place = try TemporaryDirectory()
    let path = place["j"]
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    let written = try writeSample(at: path, commits: 4, seed: seed)
    var generator = SeededGenerator(seed)
    let file = URL(fileURLWithPath: "\(path)/\(try segments(path).last!)")
    let whole = try Data(contentsOf: file)
    for _ in 0..<2_000 {
      var changed = whole
      let start = Int.random(in: 0..<whole.count, using: &generator)
      for at in start..<min(whole.count, start + Int.random(in: 1...40, using: &generator)) {
        changed[at] = UInt8.random(in: 0...255, using: &generator)
      }
      try changed.write(to: file)
      let (commits, isDamaged) = read(path)
      #expect(isDamaged || commits == written)
    }
  }
}
