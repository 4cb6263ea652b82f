import Foundation
import Glibc
import Journal
import Replay
import TestSupport
import Testing

/// What a destination cannot hold is known until it can, or until nobody needs it. ramfs has neither
/// extended attributes nor ACLs.
@Suite(.enabled(if: geteuid() == 0, "needs root to mount"))
struct LossTests {
  /// A scene whose destination is a ramfs.
  private func scene() throws -> Scene {
    let scene = try Scene()
    try succeed(["mount", "-t", "ramfs", "treeline-test", scene.destination])
    return scene
  }

  private func unmount(_ scene: Scene) { _ = try? run(["umount", "-l", scene.destination]) }

  private func finish(_ scene: Scene) throws -> Replayer {
    let replayer = try scene.replayer()
    while try replayer.step().hasMore {}
    return replayer
  }

  private func losses(_ scene: Scene) throws -> [String: LostAttributes] {
    let replayer = try finish(scene)
    let losses = replayer.someLosses(100)
    #expect(losses.count == replayer.lossCount)
    return Dictionary(uniqueKeysWithValues: losses.map { (String(decoding: $0.path, as: UTF8.self), $0.lost) })
  }

  @Test func aLossIsKnownUntilItsAttributeOrItsObjectIsGone() throws {
    let scene = try scene()
    defer { unmount(scene) }
    try scene.change(
      """
      mkdir d; printf x >d/f; printf y >g; printf z >h; mkfifo p
      setfattr -n user.a -v 1 d/f; setfacl -m u:5:r g; setfacl -d -m u:5:r d; setfattr -n trusted.t -v 1 p
      """)
    try scene.recorder.commit()
    let all: [String: LostAttributes] = [
      "d": .accessLists, "d/f": .user, "g": .accessLists, "p": .trusted,
    ]
    #expect(try losses(scene) == all)
    #expect(try losses(scene) == all, "a run that has nothing to do knows them too")
    try scene.change("mv d/f d/moved; rm g; setfattr -x trusted.t p; chmod 600 d/moved")
    try scene.recorder.commit()
    #expect(try losses(scene) == ["d": .accessLists, "d/moved": .user])
    try scene.change("setfattr -x user.a d/moved; setfacl -k d")
    try scene.recorder.commit()
    #expect(try losses(scene) == [:])
    #expect(try losses(scene) == [:])
    try scene.expectEqual()
  }

  @Test func whatCanBeHeldAfterAllIsSetByTheNextRun() throws {
    let scene = try scene()
    defer { unmount(scene) }
    try scene.change("mkdir d; printf x >d/f; ln d/f d/g; setfattr -n user.a -v 1 d/f d; ln -s f l")
    try scene.recorder.commit()
    try scene.change("mv d e; touch -d 2001-01-01 e")
    try scene.recorder.commit()
    #expect(try losses(scene).count == 2)
    let kept = scene.directory["kept"]
    try succeed(["cp", "-a", scene.destination, kept])
    unmount(scene)
    try succeed(["bash", "-c", "rmdir '\(scene.destination)'; mv '\(kept)' '\(scene.destination)'"])
    #expect(try losses(scene) == [:])
    try scene.expectEqual()
  }

  @Test func aRecordOfLossesThatIsDamagedNeverHidesOne() throws {
    let scene = try scene()
    defer { unmount(scene) }
    try scene.change("for i in 1 2 3; do printf $i >$i; done; setfattr -n user.a -v 1 1")
    try scene.recorder.commit()
    #expect(try losses(scene).count == 1)
    try scene.change("setfattr -n user.a -v 1 2")
    try scene.recorder.commit()
    #expect(try losses(scene).count == 2)
    let path = scene.destination + "/.treeline/losses"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for count in 0..<whole.count {
      try whole.prefix(count).write(to: URL(fileURLWithPath: path))
      #expect(try losses(scene).count == 2, "cut to \(count) bytes")
    }
    for index in 0..<whole.count {
      var bytes = whole
      bytes[index] ^= 1 << UInt8(index % 8)
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(try losses(scene).count == 2, "byte \(index) changed")
    }
    for odd in ["true", "mkfifo losses", "ln -s /etc/passwd losses", "mkdir losses"] {
      try scene.meddle("cd .treeline; rm -rf losses; \(odd)")
      #expect(try losses(scene).count == 2, "\(odd)")
      try scene.meddle("rm -rf .treeline/losses")
    }
  }

  @Test func flagsThatCannotBeHeldAreALossLikeOthers() throws {
    let scene = try scene()
    defer { unmount(scene) }
    try scene.change("mkdir d; echo x >d/f; chattr +d d/f d; setfattr -n user.a -v 1 d/f")
    try scene.recorder.commit()
    #expect(try losses(scene) == ["d": .flags, "d/f": [.flags, .user]])
    try scene.change("chattr -d d/f")
    try scene.recorder.commit()
    #expect(try losses(scene) == ["d": .flags, "d/f": .user])
    try scene.change("chattr -d d; setfattr -x user.a d/f")
    try scene.recorder.commit()
    #expect(try losses(scene) == [:])
  }

  /// As it was written before there were more kinds than a byte has bits.
  @Test func aRecordOfTheFirstVersionIsReadAndWrittenAnew() throws {
    let scene = try scene()
    defer { unmount(scene) }
    try scene.change("printf x >f; setfattr -n user.a -v 1 f")
    try scene.recorder.commit()
    #expect(try losses(scene) == ["f": .user])
    let path = URL(fileURLWithPath: scene.destination + "/.treeline/losses")
    let present = [UInt8](try Data(contentsOf: path))
    func hash(_ bytes: [UInt8], _ seed: UInt64 = 0) -> UInt64 { bytes.withUnsafeBytes { XXH64.hash($0, seed: seed) } }
    func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    // It took the place of one that ended where the log says, with the checksum that it had there.
    var old = Array("TLlosse".utf8) + [1] + bytes(UInt64(present.count)) + present[36..<44]
    let seed = hash(old)
    let entry: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0, 16]
    old += bytes(seed) + [1, 0, 0, 0] + bytes(hash(entry, seed)) + entry
    try Data(old).write(to: path)
    #expect(try losses(scene) == ["f": .user])
    try scene.change("printf y >g; setfattr -n user.a -v 1 g")
    try scene.recorder.commit()
    #expect(try losses(scene) == ["f": .user, "g": .user])
    #expect(try Data(contentsOf: path)[7] == 2)
    #expect(try losses(scene) == ["f": .user, "g": .user])
  }

  @Test func theRecordIsWrittenAsItsPageDrawsIt() throws {
    let scene = try scene()
    defer { unmount(scene) }
    try scene.change("printf x >f; setfattr -n user.a -v 1 f; chown 7 f")
    try scene.recorder.commit()
    _ = try losses(scene)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: scene.destination + "/.treeline/losses")))
    #expect(Array(bytes.prefix(24)) == Array("TLlosse".utf8) + [2] + [UInt8](repeating: 0, count: 16))
    #expect(bytes.count == 32 + 12 + 10)
    guard bytes.count == 54 else { return }
    #expect(Array(bytes[32..<36]) == [1, 0, 0, 0])
    #expect(try scene.recorder.id(of: "f").rawValue == 2)
    #expect(Array(bytes[44..<54]) == [2, 0, 0, 0, 0, 0, 0, 0, 16, 0])
    // The checksums are from another implementation of XXH64.
    #expect(Array(bytes[24..<32]) == [78, 223, 224, 114, 129, 83, 88, 166])
    #expect(Array(bytes[36..<44]) == [88, 199, 64, 168, 90, 171, 56, 10])
  }
}
