import Glibc
import Journal
import LinuxSystem
import Replay
import SystemPackage
import TestSupport
import Testing
import Tree

@Suite struct ExceptionTests {
  @Test func contentThatHasNotSettledGetsNoNameYet() throws {
    let scene = try Scene()
    try scene.change("printf old >old; printf a >young")
    try scene.recorder.commit(without: ["young"])
    let exceptions = try scene.replay()
    #expect(exceptions.map(\.reason) == [.pending])
    #expect(exceptions.first?.path == Array("young".utf8))
    #expect(access(scene.destination + "/young", F_OK) != 0)
    // It moves while it waits, and the wait outlives the run.
    try scene.change("mkdir d; mv young d/grown; printf more >>d/grown")
    try scene.recorder.commit()
    #expect(try scene.replay() == [])
    try scene.expectEqual()
  }

  @Test func anUnsettledFileKeepsItsOldContentAndAttributes() throws {
    let scene = try Scene()
    try scene.change("printf old >f; chmod 600 f; ln f g")
    try scene.recorder.commit()
    let replayer = try scene.replayer()
    _ = try replayer.step()
    try scene.change("printf newer >>f; chmod 644 f; mv g h")
    try scene.recorder.commit(without: ["f", "h"])
    _ = try replayer.step()
    #expect(replayer.exceptionCount == 1)
    try scene.meddle("[ $(cat h) = old ]; [ $(stat -c %a f) = 600 ]; [ ! -e g ]")
    try scene.change("printf done >>f")
    try scene.recorder.commit()
    _ = try replayer.step()
    #expect(replayer.exceptions == [])
    try scene.expectEqual()
  }

  @Test func whatIsGoneFromTheSourceIsOwedUntilALaterCommit() throws {
    let scene = try Scene()
    try scene.change("mkdir d; printf x >d/f; printf y >d/g")
    try scene.recorder.commit()
    try scene.change("mv d e; rm e/g")
    let replayer = try scene.replayer()
    _ = try replayer.step()
    #expect(replayer.exceptions.map(\.reason) == [.pending, .pending])
    try scene.recorder.commit()
    _ = try replayer.step()
    #expect(replayer.exceptions == [])
    try scene.expectEqual()
  }

  @Test func newerContentBringsItsOwnMode() throws {
    let scene = try Scene()
    try scene.change("printf open >f; chmod 644 f")
    try scene.recorder.commit()
    try scene.change("chmod 600 f; printf secret >f")
    let replayer = try scene.replayer()
    _ = try replayer.step()
    #expect(replayer.exceptions.map(\.reason) == [.newer])
    try scene.meddle("[ $(stat -c %a f) = 600 ]; [ $(cat f) = secret ]")
    try scene.recorder.commit()
    let progress = try replayer.step()
    #expect(progress.exceptionCount == 0)
    #expect(progress.bytesCopied == 0)
    try scene.expectEqual()
  }

  @Test func anEarlierStateNeverGetsNewerContent() throws {
    let scene = try Scene()
    try scene.change("printf one >f; printf same >g")
    try scene.recorder.commit()
    try scene.change("printf three >f")
    try scene.recorder.commit()
    var options = ReplayOptions()
    options.until = Sequence(1)
    let exceptions = try scene.replay(options)
    #expect(exceptions.map(\.reason) == [.pending])
    #expect(access(scene.destination + "/f", F_OK) != 0)
    try scene.meddle("[ $(cat g) = same ]")
    #expect(try scene.replay() == [])
    try scene.expectEqual()
  }

  @Test func aFullDestinationIsFinishedWhenThereIsRoom() throws {
    if let reason = Filesystem.reasonToSkip(.tmpfs) {
      return announceSkip("a full destination", because: reason)
    }
    let scene = try Scene()
    let small = try Filesystem(.tmpfs, bytes: 4 << 20)
    let destination = small["copy"]
    try succeed(["mkdir", destination])
    try scene.change("mkdir d; for i in 1 2 3; do head -c 1500000 /dev/urandom >d/$i; done; printf s >d/s")
    try scene.recorder.commit()
    let exceptions = try scene.replay(at: destination)
    #expect(exceptions.map(\.reason) == [.failed(.noSpace)])
    #expect(access("\(destination)/d/s", F_OK) == 0)
    let left = try succeed(["find", destination, "-path", "*/d/*", "-size", "-1000k", "-size", "+1k"])
    #expect(left.standardOutput == "")
    try succeed(["mount", "-o", "remount,size=16m", small.root])
    #expect(try scene.replay(at: destination) == [])
    try scene.expectEqual(at: destination)
  }

  @Test func whatOneFilesystemCannotHoldDoesNotStopTheRest() throws {
    if let reason = Filesystem.reasonToSkip(.xfs) {
      return announceSkip("a long symbolic link on xfs", because: reason)
    }
    let scene = try Scene()
    let xfs = try Filesystem(.xfs)
    let destination = xfs["copy"]
    try succeed(["mkdir", destination])
    try scene.change("mkdir d; ln -s $(printf 'x%.0s' {1..3000}) d/long; printf f >d/f")
    try scene.recorder.commit()
    let exceptions = try scene.replay(at: destination)
    #expect(exceptions.count == 1)
    #expect(exceptions.first?.path == Array("d/long".utf8))
    try scene.change("rm d/long")
    try scene.recorder.commit()
    #expect(try scene.replay(at: destination) == [])
    try scene.expectEqual(at: destination)
  }
}
