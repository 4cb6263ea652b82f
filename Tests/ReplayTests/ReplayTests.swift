import Replay
import SystemPackage
import TestSupport
import Testing

@Suite struct ReplayTests {
  @Test func anEmptyDestinationBecomesTheSource() throws {
    let scene = try Scene()
    try scene.change(Self.everyKind)
    try scene.recorder.commit()
    #expect(try scene.replay() == [])
    try scene.expectEqual()
  }

  @Test func replayingTwiceEqualsOnce() throws {
    let scene = try Scene()
    try scene.change(Self.everyKind)
    try scene.recorder.commit()
    try scene.replay()
    let replayer = try scene.replayer()
    let progress = try replayer.step()
    #expect(progress.objectsMade == 0)
    #expect(progress.applied.rawValue == 1)
    try scene.expectEqual()
  }

  @Test(arguments: changes)
  func aChangeIsFollowed(script: String) throws {
    let scene = try Scene()
    try scene.change(Self.everyKind)
    try scene.recorder.commit()
    try scene.replay()
    try scene.change(script)
    try scene.recorder.commit()
    #expect(try scene.replay() == [])
    try scene.expectEqual()
  }

  @Test func oneReplayerFollowsManyCommits() throws {
    let scene = try Scene()
    try scene.change(Self.everyKind)
    try scene.recorder.commit()
    let replayer = try scene.replayer()
    _ = try replayer.step()
    for script in Self.changes {
      // Some find nothing to change any more.
      try scene.change("set +e; " + script + "; true")
      try scene.recorder.commit()
      _ = try replayer.step()
      #expect(replayer.exceptions == [])
      try scene.expectEqual()
      try replayer.idle()
    }
  }

  static let everyKind = """
    mkdir -p a/b/c d 'sp ace' .treeline .treeline~ .treeline~x
    printf hello >a/file; printf secret >a/b/private; chmod 600 a/b/private
    ln a/file a/b/hard; ln a/file d/hard2; ln -s ../nowhere d/link
    mkfifo d/fifo; mknod d/null c 1 3; touch d/empty
    head -c 300000 /dev/urandom >d/big; truncate -s 1M d/sparse; printf x >>d/sparse
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("d/socket")'
    printf t >.treeline/in; printf t >.treeline~x/in
    chmod 4755 a/file; chown -h 1000:1001 d d/big d/link; chmod 2750 d
    setfattr -n user.x -v y a/file; setfattr -n user.d -v z a
    setfacl -m u:1000:rwx a/b/private; setfacl -d -m g:1000:rx a/b
    touch -d '1999-01-02 03:04:05.123456789' a/b/private a/b; touch -h -d '2001-01-01' d/link
    printf n >$'new\\nline'; printf u >$'\\xff\\xfe'
    """

  static let changes = [
    "mv a e", "mv a/file a/other", "mv a/b d/b", "rm -r a", "printf more >>a/file",
    "mv a t; mv d a; mv t d", "mv a/file t; mv d/big a/file; mv t d/big",
    "mv a/b t; mv a t/a; mv t b", "rm d/link; mkdir d/link; touch d/link/x",
    "rm -r a/b/c; printf f >a/b/c", "chmod 700 a; chown 5:6 a/file; touch -d 2010-01-01 d",
    "rm d/hard2; printf alone >d/hard2", "ln d/big a/b/big2; rm d/big", "ln -sf other d/link",
    "setfattr -x user.x a/file; setfattr -n user.n -v 1 d/big; setfacl -b a/b/private; setfacl -k a/b",
    "rm d/fifo; mkfifo d/fifo2; rm d/null; printf n >d/null",
    "chmod 700 .; touch -d 2011-11-11 .", "rm -rf ./* .treeline*",
    "mkdir -p x/y/z; mv a x/y/z; mv d x", "printf new >t; mv t a/file",
    "truncate -s 10M d/sparse", "mv .treeline .treeline~y; mv .treeline~ .treeline",
  ]
}
