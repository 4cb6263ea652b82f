import Foundation
import Glibc
import LinuxSystem
import Replay
import SystemPackage
import TestSupport
import Testing

/// Large files that changed a little, where the destination lets files share blocks.
@Suite(.serialized) struct PatchingTests {
  private static let kinds = [Filesystem.Kind.xfs, .btrfs].filter { kind in
    guard let reason = Filesystem.reasonToSkip(kind) else { return true }
    announceSkip("large files that changed a little", because: reason)
    return false
  }

  private static let mebibyte = 1 << 20

  /// A scene whose destination is on a filesystem of its own.
  private final class Place {
    let scene: Scene
    let filesystem: Filesystem
    let destination: String

    init(_ kind: Filesystem.Kind) throws {
      scene = try Scene()
      filesystem = try Filesystem(kind)
      destination = filesystem["d"]
      guard mkdir(destination, 0o755) == 0 else { throw TestSupportError("cannot make \(destination)") }
    }

    /// Changes the source and replays that.
    ///
    /// - Returns: the bytes that were written to the destination's device; a synced replay writes its log, too.
    @discardableResult
    func follow(_ script: String, _ options: ReplayOptions = ReplayOptions()) throws -> Int {
      try scene.change(script)
      try scene.recorder.commit()
      let before = try bytesWritten()
      #expect(try scene.replay(options, at: destination) == [])
      return try bytesWritten() - before
    }

    /// What the device counts; 0 where there is none.
    private func bytesWritten() throws -> Int {
      guard filesystem.kind != .tmpfs else { return 0 }
      try succeed(["sync", "-f", destination])
      let device = try succeed(["findmnt", "-n", "-o", "SOURCE", filesystem.root]).standardOutput
      let name = device.split(separator: "/").last.map { String($0.filter { !$0.isWhitespace }) } ?? ""
      let counts = try String(contentsOfFile: "/sys/block/\(name)/stat", encoding: .utf8)
      return counts.split(whereSeparator: \.isWhitespace).map { Int($0) ?? 0 }[6] * 512
    }

    func inode(_ name: String) throws -> UInt64 {
      let file = try Descriptor.open(path: "\(destination)/\(name)", O_RDONLY)
      return try FileStatus.of(file.raw).inode
    }
  }

  @Test(arguments: kinds)
  func onlyWhatChangedIsWritten(kind: Filesystem.Kind) throws {
    let place = try Place(kind)
    let all = try place.follow("head -c 64M /dev/urandom >f")
    #expect(all >= 64 * Self.mebibyte)
    let changed = try place.follow("dd if=/dev/urandom of=f bs=1M seek=30 count=1 conv=notrunc status=none")
    #expect(changed >= Self.mebibyte && changed <= 3 * Self.mebibyte, "\(changed) bytes")
    let grown = try place.follow("head -c 100000 /dev/urandom >>f")
    #expect(grown <= 2 * Self.mebibyte, "\(grown) bytes")
    let cut = try place.follow("truncate -s 50000001 f")
    #expect(cut <= 2 * Self.mebibyte, "\(cut) bytes")
    try place.scene.expectEqual(at: place.destination)
  }

  @Test(arguments: kinds)
  func aFileThatIsSavedAnewSharesWhatItsFormerHad(kind: Filesystem.Kind) throws {
    let place = try Place(kind)
    try place.follow("mkdir d; head -c 32M /dev/urandom >d/f")
    let changed = try place.follow("cp d/f d/new; printf x | dd of=d/new seek=9999999 bs=1 conv=notrunc status=none; mv d/new d/f")
    #expect(changed <= 2 * Self.mebibyte, "\(changed) bytes")
    try place.scene.expectEqual(at: place.destination)
  }

  @Test(arguments: kinds)
  func aFileThatBecameAnotherIsWrittenOnce(kind: Filesystem.Kind) throws {
    let place = try Place(kind)
    try place.follow("head -c 32M /dev/urandom >f")
    let changed = try place.follow("head -c 32M /dev/urandom | dd of=f bs=1M conv=notrunc iflag=fullblock status=none")
    #expect(changed >= 32 * Self.mebibyte && changed <= 36 * Self.mebibyte, "\(changed) bytes")
    try place.scene.expectEqual(at: place.destination)
  }

  @Test(arguments: kinds)
  func aFileThatWasOnlyTouchedIsLeftAsItIs(kind: Filesystem.Kind) throws {
    let place = try Place(kind)
    try place.follow("head -c 8M /dev/urandom >f; truncate -s 20M f; ln f g")
    let inode = try place.inode("f")
    // Written to, and with the same bytes as before.
    let written = try place.follow(
      "dd if=f of=/dev/shm/$$ bs=4k count=1 status=none; dd if=/dev/shm/$$ of=f conv=notrunc status=none; rm /dev/shm/$$; chmod 600 f")
    #expect(written <= 2 * Self.mebibyte, "\(written) bytes")
    #expect(try place.inode("f") == inode)
    try place.scene.expectEqual(at: place.destination)
  }

  @Test(arguments: kinds)
  func theVersionKeepsWhatItWas(kind: Filesystem.Kind) throws {
    let place = try Place(kind)
    var options = ReplayOptions()
    options.versionSeconds = 86_400
    try place.follow("head -c 16M /dev/urandom >f", options)
    let former = "\(place.scene.destination)/former"
    try succeed(["cp", "\(place.scene.source)/f", former])
    try place.follow("printf changed | dd of=f bs=1 seek=7000000 conv=notrunc status=none; truncate -s 15M f", options)
    let version = try succeed(["find", "\(place.destination)/.treeline/versions", "-type", "f", "-size", "16M"])
    try succeed(["cmp", former, String(version.standardOutput.dropLast())])
    try place.scene.expectEqual(at: place.destination)
  }

  /// Overwritten, cut, grown, punched, filled with zeros, shifted: the content and the holes are the source's.
  @Test(arguments: kinds + [Filesystem.Kind.ext4, .tmpfs].filter { Filesystem.reasonToSkip($0) == nil })
  func anyChangeIsFollowedExactly(kind: Filesystem.Kind) throws {
    let seed = Thoroughness.seed()
    print("seed \(seed) on \(kind.rawValue)")
    var random = SeededGenerator(seed)
    let place = try Place(kind)
    try place.follow("head -c 6M /dev/urandom >f")
    for round in 0..<(Thoroughness.isFull ? 200 : 12) {
      var script = ""
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<(9 << 20), using: &random)
        let bytes = Int.random(in: 1...(1 << Int.random(in: 0...21, using: &random)), using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: script += "truncate -s \(at) f\n"
        case 1: script += "fallocate -p -o \(at) -l \(bytes) f\n"
        case 2: script += "fallocate -z -o \(at) -l \(bytes) f\n"
        case 3: script += "head -c \(bytes) /dev/zero | dd of=f bs=64k seek=\(at) oflag=seek_bytes conv=notrunc status=none\n"
        case 4: script += "fallocate -i -o \(at / 8 & ~4095) -l 4096 f || true\n"
        default: script += "head -c \(bytes) /dev/urandom | dd of=f bs=64k seek=\(at) oflag=seek_bytes conv=notrunc status=none\n"
        }
      }
      // What is in memory of a range that was zeroed is data until it is dropped.
      script += "sync f; dd if=f iflag=nocache count=0 status=none\n"
      try place.follow(script)
      try succeed(["cmp", "\(place.scene.source)/f", "\(place.destination)/f"])
      try expectNoFewerHoles(place, "seed \(seed), round \(round):\n\(script)")
      try expectAsHashed(place, "seed \(seed), round \(round):\n\(script)")
    }
    try place.scene.expectEqual(at: place.destination)
  }

  /// What a scrub reads is what was hashed while it was copied: no source is needed to tell.
  private func expectAsHashed(_ place: Place, _ context: String) throws {
    var found: [ScrubFinding] = []
    var unconfirmed: UInt64 = 0
    let scrub = try DestinationScrub(
      Array(place.destination.utf8), journal: Array(place.scene.journal.utf8), source: nil, grafts: { .empty },
      repair: { suspects in suspects.map { _ in .left("it is only looked for") } },
      onFinding: { found.append($0) },
      onProgress: { _, progress in
        unconfirmed = progress.unconfirmed
        return true
      })
    #expect(try scrub.run())
    #expect(found.isEmpty && unconfirmed == 0, "\(found), \(unconfirmed) unconfirmed; \(context)")
  }

  /// What is a hole in the source is one at the destination.
  private func expectNoFewerHoles(_ place: Place, _ context: String) throws {
    // xfs reserves 128 KiB around what it writes into shared blocks, and takes what was read of that for data.
    try succeed(["sync", "\(place.destination)/f"])
    try succeed(["dd", "if=\(place.destination)/f", "iflag=nocache", "count=0", "status=none"])
    let source = try Descriptor.open(path: "\(place.scene.source)/f", O_RDONLY)
    let copy = try Descriptor.open(path: "\(place.destination)/f", O_RDONLY)
    let size = Int64(try FileStatus.of(source.raw).sizeBytes)
    var at: Int64 = 0
    while at < size {
      let hole = try FileBytes.nextHole(source.raw, from: at)
      if hole >= size { return }
      let end = try FileBytes.nextData(source.raw, from: hole) ?? size
      let data = try FileBytes.nextData(copy.raw, from: hole) ?? size
      // tmpfs may keep a large page; elsewhere a page that something held when it was to be dropped is data.
      let slack: Int64 = place.filesystem.kind == .tmpfs ? 2 << 20 : 4096
      #expect(data + slack >= end & ~4095, "a hole at \(hole) has data at \(data); \(context)")
      at = end
    }
  }

  @Test(arguments: kinds)
  func aLinkThatLiesWhereTheCopyWasLeadsNowhere(kind: Filesystem.Kind) throws {
    let place = try Place(kind)
    try place.follow("mkdir d; head -c 4M /dev/urandom >d/f; cp d/f g")
    let canary = place.filesystem["canary"]
    try succeed([
      "/bin/bash", "-ec",
      "mkdir \(canary); head -c 4M /dev/zero >\(canary)/f; cd \(place.destination); mv d away; ln -s \(canary) d; rm g; ln -s \(canary)/f g",
    ])
    try place.scene.change("printf x >>d/f; printf y >>g")
    try place.scene.recorder.commit()
    _ = try? place.scene.replay(at: place.destination)
    let left = try succeed(["/bin/bash", "-c", "ls \(canary); head -c 4M /dev/zero | cmp - \(canary)/f"])
    #expect(left.standardOutput == "f\n")
    try succeed(["cmp", "\(place.scene.source)/g", "\(place.destination)/g"])
  }
}

private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
