import Replay
import TestSupport
import Testing

/// New trees are made whole beside the destination's, and get their names by one rename.
@Suite struct NestTests {
  private static let tree = """
    mkdir -p new/a/b new/c; for i in {1..40}; do echo $i >new/a/$i; echo $i >new/a/b/$i; echo $i >new/c/$i; done
    ln new/a/1 new/c/link; ln -s 1 new/a/b/symlink; mkfifo new/c/fifo; mkdir -m 500 new/a/b/empty
    setfattr -n user.of -v it new new/a/7 new/a/b; touch -d 2001-02-03 new new/a new/a/b
    """

  @Test func aNewTreeComesWithAllItsAttributes() throws {
    let scene = try Scene()
    try scene.change("mkdir old; echo kept >old/file")
    try scene.recorder.commit()
    try scene.replay()
    try scene.change(Self.tree + "\nmv new old/new")
    try scene.recorder.commit()
    let replayer = try scene.replayer()
    let progress = try replayer.step()
    #expect(replayer.exceptions == [])
    // Five directories, 120 files, a symbolic link and a pipe.
    #expect(progress.objectsMade == 5 + 120 + 2)
    try scene.expectEqual()
  }

  /// Where the new tree cannot get its name, nothing of it stays, and it comes when it can.
  @Test func aNewTreeWithoutAPlaceIsTriedAgain() throws {
    let scene = try Scene()
    try scene.change("mkdir old; echo kept >old/file")
    try scene.recorder.commit()
    let replayer = try scene.replayer()
    _ = try replayer.step()
    try replayer.idle()
    try scene.meddle("mv old aside; echo in the way >old")
    try scene.change(Self.tree + "\nmv new old/new")
    try scene.recorder.commit()
    _ = try replayer.step()
    #expect(replayer.exceptionCount > 120)
    let left = try succeed(["/bin/ls", "-A", "\(scene.destination)/.treeline/park"])
    #expect(left.standardOutput == "")
    try replayer.idle()
    try scene.meddle("rm old; mv aside old; touch -r ../source .")
    try replayer.retry()
    #expect(replayer.exceptions == [])
    try scene.expectEqual()
  }

  /// One file of it that is not to be had costs that file.
  @Test func aFileOfANewTreeThatIsGoneCostsItself() throws {
    let scene = try Scene()
    try scene.change(Self.tree)
    try scene.recorder.commit()
    try scene.change("rm new/a/b/7; echo changed >>new/c/8")
    let replayer = try scene.replayer()
    _ = try replayer.step()
    #expect(Set(replayer.exceptions.map { String(decoding: $0.path, as: UTF8.self) }) == ["new/a/b/7", "new/c/8"])
    try scene.meddle("[ ! -e new/a/b/7 ]; [ -e new/a/b/8 ]")
    try scene.recorder.commit()
    _ = try replayer.step()
    #expect(replayer.exceptions == [])
    try scene.expectEqual()
  }

  /// A deep tree, left half made by a kill, is cleared away.
  @Test func whatAKillLeavesOfADeepNewTreeIsRemoved() throws {
    let scene = try Scene()
    try scene.change(
      """
      python3 - <<'END'
      import os
      for level in range(150):
        name = "directory-number-%04d" % level
        os.mkdir(name)
        os.chdir(name)
        open("file", "w").write(name)
      END
      """)
    try scene.recorder.commit()
    let killed = try scene.replayer()
    killed.verbsUntilInterruption = 0
    #expect(throws: ReplayError.self) { while try killed.step().hasMore {} }
    let left = try succeed(["/bin/ls", "-A", "\(scene.destination)/.treeline/park"])
    #expect(left.standardOutput.split(separator: "\n").count == 1)
    #expect(try scene.replay() == [])
    try scene.expectEqual()
  }
}
