import Capture
import LinuxSystem
import Testing
import Tree

/// What the ledger makes of reports, for a mirror and commits that are given.
struct DeedLedgerTests {
  /// A ledger over reports that the test puts in.
  private final class Scene {
    let mirror = Mirror(root: Scene.key(1))
    var reports = TakenDeeds()
    lazy var ledger = DeedLedger { [unowned self] in
      defer { reports = TakenDeeds() }
      return reports
    }

    static func key(_ number: UInt64) -> ObjectKey {
      withUnsafeBytes(of: number) { ObjectKey(type: 1, bytes: $0) }
    }

    func report(_ deeds: Deeds, of number: UInt64, by pid: Int32) {
      var process = ProcessRecord(pid: pid, standing: .alive)
      process.executable = Array("/bin/p\(pid)".utf8)
      reports.processes.append(process)
      let place = UInt32(reports.processes.count - 1)
      Scene.key(number).withBytes { reports.add(deeds, type: 1, key: $0, process: place) }
    }

    /// The file was made in the root, and is gone.
    func pass(_ number: UInt64, _ name: String) {
      reports.add(
        TakenDeeds.Passed(
          key: Scene.key(number), directory: Scene.key(1), name: Name(name), isDirectory: false))
    }

    /// What a commit that speaks of some objects says came and went, as `name pid:deeds`.
    func transients(_ facts: ObjectChange.Facts = .attributes, of ids: ObjectID..., leavingOut: String? = nil) -> [String] {
      var changes = ChangeSet()
      for id in ids {
        changes.objects.append(
          ObjectChange(
            id: id, facts: facts, attributes: Attributes(mode: 0o100_600, uid: 0, gid: 0, modified: .zero),
            changed: .zero))
      }
      var attribution = Attribution()
      ledger.attribute(changes, of: mirror, into: &attribution) { _, name, _ in name == leavingOut.map { Name($0) } }
      return attribution.transients.map { transient in
        "\(transient.parent == .root ? "" : "elsewhere/")\(String(decoding: transient.name.bytes, as: UTF8.self))"
          + attribution[transient].map { " \(attribution.processes[$0.process].pid):\($0.deeds.rawValue)" }.joined()
      }
    }

    /// What a commit about some objects says of each, as `pid:deeds`.
    func commit(_ facts: ObjectChange.Facts = .content, of nodes: Mirror.Node...) -> [[String]] {
      var changes = ChangeSet()
      for node in nodes {
        changes.objects.append(
          ObjectChange(
            id: mirror.id(node), facts: facts,
            attributes: Attributes(mode: 0o100_600, uid: 0, gid: 0, modified: .zero), changed: .zero))
      }
      var attribution = Attribution()
      ledger.attribute(changes, of: mirror, into: &attribution)
      return changes.objects.map { object in
        attribution[object.id].map {
          let process = attribution.processes[$0.process]
          return process.standing == .alive ? "\(process.pid):\($0.deeds.rawValue)" : "\(process.standing)"
        }
      }
    }

    func round() {
      ledger.collect(mirror)
      ledger.resolve(mirror)
    }
  }

  @Test func deedsOfOneProcessAreOneEntry() {
    let scene = Scene()
    let file = scene.mirror.add(key: Scene.key(2))
    scene.report(.create, of: 2, by: 7)
    scene.report(.write, of: 2, by: 8)
    scene.round()
    scene.report(.close, of: 2, by: 7)
    #expect(scene.commit([.created, .content], of: file) == [["7:33", "8:8"]])
    scene.round()
    #expect(scene.commit(.attributes, of: file) == [[]])
  }

  @Test func whoWroteIsSaidAgainWithTheContentThatHasSettled() {
    let scene = Scene()
    let file = scene.mirror.add(key: Scene.key(2))
    scene.report([.write, .attributes], of: 2, by: 7)
    #expect(scene.commit([.attributes, .unsettled], of: file) == [["7:24"]])
    #expect(scene.commit(.content, of: file) == [["7:8"]])
    // A hint that came after its look: the content is told once more, by the same.
    #expect(scene.commit(.content, of: file) == [["7:8"]])
    #expect(scene.commit(.content, of: file) == [[]])
  }

  @Test func anObjectThatIsMetLaterFindsItsReports() {
    let scene = Scene()
    scene.report(.create, of: 2, by: 7)
    scene.report(.create, of: 3, by: 8)
    scene.round()
    scene.round()
    let file = scene.mirror.add(key: Scene.key(2))
    #expect(scene.commit(.created, of: file) == [["7:1"]])
    for _ in 0..<40 { scene.round() }
    let other = scene.mirror.add(key: Scene.key(3))
    #expect(scene.commit(.created, of: other) == [[]])
  }

  @Test func aDeedThatALookCameTooEarlyForIsSaidWithTheCommitThatShowsIt() {
    let scene = Scene()
    let file = scene.mirror.add(key: Scene.key(2))
    scene.report(.write, of: 2, by: 7)
    scene.report(.rename, of: 2, by: 8)
    #expect(scene.commit(.content, of: file) == [["7:8", "8:4"]])
    scene.report(.attributes, of: 2, by: 9)
    #expect(scene.commit(.attributes, of: file) == [["9:16", "8:4"]])
    for _ in 0..<5 { _ = scene.commit() }
    #expect(scene.commit(.attributes, of: file) == [[]])
  }

  @Test func moreProcessesThanAreListedAreSaidToBeMore() {
    let scene = Scene()
    let file = scene.mirror.add(key: Scene.key(2))
    for pid in 1...100 { scene.report(.write, of: 2, by: Int32(pid)) }
    let acts = scene.commit(of: file)[0]
    #expect(acts.count == Attribution.actCountMax)
    #expect(acts.last == "others")
  }

  @Test func lostReportsAreSaid() {
    let scene = Scene()
    let file = scene.mirror.add(key: Scene.key(2))
    let other = scene.mirror.add(key: Scene.key(3))
    scene.report(.write, of: 2, by: 7)
    scene.reports.isIncomplete = true
    #expect(scene.commit(of: file, other) == [["7:8", "lost"], ["lost"]])
    #expect(scene.commit(of: other) == [[]])
    scene.ledger.noteRescan()
    scene.report(.write, of: 2, by: 7)
    #expect(scene.commit(of: file, other) == [["7:8"], ["lost"]])
  }

  @Test func whatCameAndWentUnseenIsTold() {
    let scene = Scene()
    scene.report([.create, .write], of: 2, by: 7)
    scene.round()
    scene.report(.remove, of: 2, by: 8)
    scene.pass(2, "gone")
    scene.round()
    #expect(scene.transients() == ["gone 7:9 8:2"])
    #expect(scene.transients().isEmpty)
    scene.report([.create, .remove], of: 3, by: 7)
    scene.pass(3, "left out")
    #expect(scene.transients(leavingOut: "left out").isEmpty)
  }

  @Test func whatWasSeenToComeAndGoBetweenTwoCommitsIsTold() {
    let scene = Scene()
    let file = scene.mirror.add(key: Scene.key(2))
    let id = scene.mirror.id(file)
    scene.report(.create, of: 2, by: 7)
    scene.round()
    scene.report(.remove, of: 2, by: 7)
    scene.pass(2, "gone")
    scene.round()
    // Its going was not looked at yet.
    #expect(scene.transients().isEmpty)
    scene.mirror.remove(file)
    #expect(scene.transients() == ["gone 7:3"])
    _ = id
  }

  @Test func whatACommitHasToldOfIsNotTransient() {
    let scene = Scene()
    let file = scene.mirror.add(key: Scene.key(2))
    let id = scene.mirror.id(file)
    scene.report(.create, of: 2, by: 7)
    scene.round()
    #expect(scene.transients(.created, of: id).isEmpty)
    // The look found it gone before the report came.
    scene.mirror.remove(file)
    scene.report(.remove, of: 2, by: 7)
    scene.pass(2, "gone")
    #expect(scene.transients(.removed, of: id).isEmpty)
    #expect(scene.transients().isEmpty)
  }
}
