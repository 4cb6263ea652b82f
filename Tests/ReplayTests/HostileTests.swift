import Glibc
import Journal
import LinuxSystem
import Replay
import SystemPackage
import TestSupport
import Testing
import Tree

@Suite struct HostileTests {
  @Test func aHandleFromOutsideTheSourceBringsNothing() throws {
    let scene = try Scene()
    let secret = scene.directory["secret"]
    try succeed(["/bin/bash", "-c", "printf secret >\(secret)"])
    try scene.change("printf x >f")
    let key = try ObjectKey.of(secret, in: AT_FDCWD)
    try scene.recorder.commit { set in
      for index in set.objects.indices where set.objects[index].facts.contains(.content) {
        set.objects[index].key = set.store(key)
      }
    }
    let exceptions = try scene.replay()
    #expect(exceptions.map(\.reason) == [.pending])
    try scene.meddle("! grep -r secret --exclude-dir=.treeline .")
  }

  @Test func aSymbolicLinkInTheSourceLeadsNowhere() throws {
    let scene = try Scene()
    try succeed(["/bin/bash", "-c", "mkdir \(scene.directory["out"]); printf secret >\(scene.directory["out"])/f"])
    try scene.change("mkdir d; printf x >d/f")
    try scene.recorder.commit()
    try scene.change("mv d e; ln -s ../out d")
    let exceptions = try scene.replay()
    #expect(exceptions.map(\.reason) == [.pending])
    try scene.meddle("[ ! -e d/f ]")
  }

  @Test func aSymbolicLinkInTheDestinationIsNotFollowed() throws {
    let scene = try Scene()
    let canary = scene.directory["canary"]
    try scene.change("mkdir -p d/e; printf x >d/e/f")
    try scene.recorder.commit()
    try scene.replay()
    try succeed(["mkdir", "-p", "\(canary)/e"])
    try scene.meddle("mv d away; ln -s \(canary) d")
    try scene.change("printf more >d/e/f; printf n >d/e/new; rm -r d/e; mkdir d/e; printf z >d/e/z")
    try scene.recorder.commit()
    _ = try? scene.replay()
    #expect(try succeed(["find", canary, "-mindepth", "2"]).standardOutput == "")
  }

  @Test func directoriesInACircleAreRefusedAndTheRestIsDone() throws {
    let scene = try Scene()
    try scene.change("mkdir a b; printf x >f")
    try scene.recorder.commit()
    try scene.replay()
    let a = try scene.recorder.id(of: "a"), b = try scene.recorder.id(of: "b")
    var set = ChangeSet()
    for (id, name, parent) in [(a, "a", b), (b, "b", a)] {
      set.objects.append(
        ObjectChange(
          id: id, facts: [], attributes: Attributes(mode: 0o40755, uid: 0, gid: 0, modified: .zero),
          changed: .zero, firstLink: UInt32(set.links.count), linkCount: 2))
      set.links.append(
        LinkChange(parent: .root, name: set.store(Array(name.utf8)), isGained: false))
      set.links.append(
        LinkChange(parent: parent, name: set.store(Array(name.utf8)), isGained: true))
    }
    try scene.recorder.write(set)
    #expect(try scene.replay().count == 2)
    try scene.meddle("[ -d a ]; [ -d b ]; [ $(cat f) = x ]")
  }

  /// No circle: the inner directory was seen to leave, and not yet where it came to.
  @Test func aDirectoryMovesIntoOneThatLeftIt() throws {
    let scene = try Scene()
    try scene.change("mkdir -p a/b")
    try scene.recorder.commit()
    try scene.replay()
    let a = try scene.recorder.id(of: "a"), b = try scene.recorder.id(of: "a/b")
    func write(_ id: ObjectID, _ moves: [(parent: ObjectID, name: String, isGained: Bool)], to set: inout ChangeSet) {
      set.objects.append(
        ObjectChange(
          id: id, facts: [], attributes: Attributes(mode: 0o40755, uid: 0, gid: 0, modified: .zero),
          changed: .zero, firstLink: UInt32(set.links.count), linkCount: UInt32(moves.count)))
      for move in moves {
        set.links.append(
          LinkChange(parent: move.parent, name: set.store(Array(move.name.utf8)), isGained: move.isGained))
      }
    }
    var set = ChangeSet()
    write(a, [(.root, "a", false), (b, "a", true)], to: &set)
    write(b, [(a, "b", false)], to: &set)
    try scene.recorder.write(set)
    #expect(try scene.replay() == [])
    set = ChangeSet()
    write(b, [(.root, "b", true)], to: &set)
    try scene.recorder.write(set)
    #expect(try scene.replay() == [])
    try scene.meddle("[ -d b/a ]; [ ! -e a ]")
  }
}
