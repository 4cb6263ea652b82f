import Foundation
import LinuxSystem
import Replay
import TestSupport
import Testing

/// The flags of chattr(1) are at the destination as well, and keep nothing from being done there.
@Suite(.enabled(if: Filesystem.reasonToSkip(.ext4) == nil, "needs root and loop devices"))
struct FlagsTests {
  private static let start = """
    mkdir fixed log plain nodump; echo in >fixed/in; ln fixed/in fixed/too; echo b >immutable; echo c >appended
    echo d >passed; chattr +d nodump; echo e >nodump/inherits; mkdir nodump/deep; echo f >nodump/cleared
    chattr -d nodump/cleared; setfattr -n user.a -v 1 passed; setfacl -m u:5:r immutable
    for i in $(seq 30); do echo $i >plain/$i; done; chattr +i plain/3; chattr +d passed plain/4
    chattr +i immutable fixed/in fixed; chattr +a appended log
    """

  /// Each ends with other flags than it began with, or with the same after changes that those forbid.
  private static let changes = [
    "chattr -i fixed; mv fixed moved; chattr +i moved",
    "chattr -i fixed fixed/in; echo more >>fixed/in; echo n >fixed/new; chattr +i fixed/in fixed",
    "chattr -i fixed fixed/in; mv fixed/in out; chattr +i fixed",
    "chattr -i immutable; chmod 600 immutable; chown 7 immutable; touch -d 2001-01-01 immutable; chattr +i immutable",
    "chattr -i immutable; mv plain/1 immutable; chattr +a immutable",
    "echo n >log/new; mkdir log/d; chattr +i log",
    "echo more >>appended; chattr -a appended; chattr +i appended",
    "chattr -R -i -a -d .; rm -r fixed log; setfattr -x user.a passed",
    "chattr -R -i -a -d .; mv fixed log/; ln log/fixed/in hard; mv immutable passed; chattr +i log passed log/fixed/in",
    "chattr -i fixed immutable; touch -d 2002-02-02 fixed immutable; chattr +i fixed immutable .",
    "chattr -i plain/3; echo 33 >plain/3; chattr +i plain/3 plain; mkdir t t/u; echo x >t/u/x; chattr +i t/u/x t/u t",
  ]

  private func scene(_ filesystem: Filesystem, _ name: String = "scene") throws -> Scene {
    try succeed(["mkdir", filesystem[name]])
    return try Scene(in: filesystem[name])
  }

  private static var keeping: ReplayOptions {
    var options = ReplayOptions()
    options.versionSeconds = 30 * 86_400
    return options
  }

  private func flags(_ path: String) throws -> InodeFlags {
    let opened = try Descriptor.open(path: path, O_RDONLY)
    return try FileStatus.of(opened.raw).flags
  }

  private func expectExact(_ scene: Scene, _ context: String) throws {
    if let found = try difference(between: scene.source, and: scene.destination) {
      Issue.record("\(found) \(context)")
    }
    #expect(try scene.differences() == [], "\(context)")
    #expect(access("\(scene.destination)/.treeline/unsealed", F_OK) != 0, "\(context)")
  }

  @Test(arguments: Filesystem.Kind.allCases)
  func theyAreFollowed(kind: Filesystem.Kind) throws {
    if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("flags on \(kind)", because: reason) }
    let filesystem = try Filesystem(kind)
    for (number, script) in Self.changes.enumerated() {
      let scene = try scene(filesystem, "\(number)")
      try scene.change(Self.start)
      try scene.recorder.commit()
      #expect(try scene.replay(Self.keeping) == [])
      try expectExact(scene, "at first")
      #expect(try flags("\(scene.destination)/fixed/in") == .immutable)
      try scene.change(script)
      try scene.recorder.commit()
      #expect(try scene.replay(Self.keeping) == [], "\(script)")
      try expectExact(scene, script)
      // What was kept has none, and goes when it is asked for.
      #expect(try scene.replay() == [])
      #expect(access("\(scene.destination)/.treeline/versions", F_OK) != 0, "\(script)")
    }
  }

  @Test(arguments: changes.indices)
  func aRunKilledAtAnyVerbIsFinishedByTheNext(change: Int) throws {
    let script = Self.changes[change]
    let filesystem = try Filesystem(.ext4)
    var verbs = 0
    var wereCleared = false
    while true {
      let scene = try scene(filesystem, "\(verbs)")
      try scene.change(Self.start)
      try scene.recorder.commit()
      try scene.replay(Self.keeping)
      try scene.change(script)
      try scene.recorder.commit()
      let killed = try scene.replayer(Self.keeping)
      killed.verbsUntilInterruption = verbs
      do {
        while try killed.step().hasMore {}
        break
      } catch .interrupted {
        if access("\(scene.destination)/.treeline/unsealed", F_OK) == 0 { wereCleared = true }
        #expect(try scene.replay(Self.keeping) == [], "killed before verb \(verbs): \(script)")
        try expectExact(scene, "killed before verb \(verbs): \(script)")
      }
      verbs += 1
    }
    #expect(verbs > 0 && (wereCleared || verbs == 1), "\(script)")
  }

  @Test(arguments: ["echo x >unsealed", "mkfifo unsealed", "mkdir unsealed", "ln -s /etc/passwd unsealed", "printf 'TLunsea\\001\\377\\377' >unsealed"])
  func aNoteOfWhatLacksFlagsThatIsNoneOfOursNeverHidesOne(odd: String) throws {
    let filesystem = try Filesystem(.ext4)
    let scene = try scene(filesystem)
    try scene.change(Self.start)
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    try scene.meddle("cd .treeline; \(odd)")
    #expect(try scene.replay(Self.keeping) == [])
    try scene.change(Self.changes[1])
    try scene.recorder.commit()
    #expect(try scene.replay(Self.keeping) == [])
    try expectExact(scene, odd)
  }

  @Test func whatIsForbiddenAtTheDestinationIsDoneAllTheSame() throws {
    let filesystem = try Filesystem(.ext4)
    let scene = try scene(filesystem)
    try scene.change("mkdir d; echo f >d/f; echo g >g")
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    try scene.meddle("chattr +i d/f d; chattr +a g .")
    try scene.change("rm -r d; echo more >>g; echo n >n")
    try scene.recorder.commit()
    #expect(try scene.replay(Self.keeping) == [])
    // Nothing said that the root should not have it.
    #expect(try flags(scene.destination) == .appendOnly)
    try scene.meddle("chattr -a .")
    try expectExact(scene, "")
    try scene.meddle("chattr +i .treeline/versions/*/*/*; chattr +a .treeline/versions/*/*")
    #expect(try scene.replay() == [])
    #expect(access("\(scene.destination)/.treeline/versions", F_OK) != 0)
  }

  @Test func aRestoreGivesThemBack() throws {
    let filesystem = try Filesystem(.ext4)
    let scene = try scene(filesystem)
    try scene.change(Self.start)
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    try scene.change(Self.changes[7])
    try scene.recorder.commit()
    try scene.replay(Self.keeping)
    let past = try DestinationPast(Array(scene.destination.utf8))
    let point = try #require(try past.points().first { $0.sequence.rawValue == 1 })
    let back = filesystem["back"]
    try succeed(["mkdir", back])
    var troubles = 0
    let restorer = try Restorer(past, at: point) { _ in troubles += 1 }
    let target = try Descriptor.open(path: back, O_RDONLY | O_DIRECTORY)
    try restorer.restore(to: target.raw, paths: []) { _ in }
    #expect(troubles == 0)
    let expected: [String: InodeFlags] = [
      "fixed": .immutable, "fixed/in": .immutable, "fixed/too": .immutable, "log": .appendOnly, "plain": [],
      "plain/3": .immutable, "plain/4": .noDump, "plain/5": [], "nodump": .noDump, "nodump/inherits": .noDump,
      "nodump/deep": .noDump, "nodump/cleared": [], "immutable": .immutable, "appended": .appendOnly,
      "passed": .noDump,
    ]
    for (name, wanted) in expected { #expect(try flags("\(back)/\(name)") == wanted, "\(name)") }
  }
}
