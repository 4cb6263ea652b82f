import Foundation
import Replay
import TestSupport
import Testing

/// What `verify` does sees each attribute that a copy keeps, and is quiet where none differs.
@Suite(.enabled(if: Filesystem.reasonToSkip(.ext4) == nil, "needs root and loop devices"))
struct ComparisonTests {
  private static let tree = """
    mkdir -p a/b e; echo content >f; echo other >g; echo linked >m; ln m a/h; ln -s target l; mkfifo p; mknod c c 1 3; mknod b b 7 99
    setfattr -n user.a -v 1 f; setfattr -n trusted.t -v 2 a; setfattr -n security.s -v 3 g; setfacl -m u:5:r f
    setfacl -d -m u:6:r a; setcap cap_net_raw+p g; chattr +d a/b; echo i >i; touch -d '2020-01-01 00:00:00.123456789' f .
    """

  /// A change of one thing in the copy, where it is, and what is to be said. Other times are put back.
  private static let mutations: [(script: String, path: String, what: TreeDifference.What)] = [
    ("chmod 600 a", "a", .mode), ("chmod u+s g", "g", .mode), ("chmod 711 .", "", .mode), ("chmod o+t e", "e", .mode),
    ("chown 5 p", "p", .owner), ("chgrp 5 e", "e", .owner), ("chown -h 5 l", "l", .owner), ("chown 9 .", "", .owner),
    ("touch -d '2020-01-01 00:00:00.123456788' f", "f", .modified), ("touch -d 2001-01-01 a/b", "a/b", .modified),
    ("touch -h -d 2001-01-01 l", "l", .modified), ("touch -d 2001-01-01 p", "p", .modified),
    ("printf X | dd of=f conv=notrunc status=none; touch -r ../source/f f", "f", .content),
    ("truncate -s 3 f; touch -r ../source/f f", "f", .size),
    ("setfattr -n user.a -v 2 f", "f", .extendedAttributes), ("setfattr -x user.a f", "f", .extendedAttributes),
    ("setfattr -n user.more -v '' .", "", .extendedAttributes),
    ("setfattr -n trusted.t -v 3 a", "a", .extendedAttributes), ("setfattr -h -n trusted.u -v 3 l", "l", .extendedAttributes),
    ("setfattr -n security.s -v 4 g", "g", .extendedAttributes), ("setcap -r g", "g", .extendedAttributes),
    ("setfacl -m u:5:- f", "f", .extendedAttributes), ("setfacl -k a", "a", .extendedAttributes),
    ("chattr +i i", "i", .flags), ("chattr +a i", "i", .flags), ("chattr +d i", "i", .flags), ("chattr -d a/b", "a/b", .flags),
    ("chattr +i e", "e", .flags), ("chattr +a .", "", .flags),
    ("ln -sfn targex l; touch -h -r ../source/l l; touch -r ../source .", "l", .target),
    ("rm c; mknod c c 1 5; touch -r ../source/c c; touch -r ../source .", "c", .device),
    ("rm b; mknod b b 7 98; touch -r ../source/b b; touch -r ../source .", "b", .device),
    ("rm p; mknod p c 1 3; touch -r ../source/p p; touch -r ../source .", "p", .kind),
    ("cp -p --preserve=all a/h n; mv n a/h; touch -r ../source/a a; touch -r ../source .", "a/h", .linkGroup),
    ("rm i; touch -r ../source .", "i", .onlyInSource), ("echo >a/new; touch -r ../source/a a", "a/new", .onlyInDestination),
  ]

  @Test func eachAttributeThatDiffersIsSeenAndNothingElse() throws {
    let filesystem = try Filesystem(.ext4)
    var options = ReplayOptions()
    options.sync = .none
    for (number, mutation) in Self.mutations.enumerated() {
      try succeed(["mkdir", filesystem["\(number)"]])
      let scene = try Scene(in: filesystem["\(number)"])
      try scene.change(Self.tree)
      try scene.recorder.commit()
      #expect(try scene.replay(options) == [])
      #expect(try scene.differences() == [])
      try scene.meddle(mutation.script)
      let found = try scene.differences()
      #expect(found.map(\.what) == [mutation.what], "\(mutation.script)")
      #expect(found.map { String(decoding: $0.path, as: UTF8.self) } == [mutation.path], "\(mutation.script)")
    }
  }
}
