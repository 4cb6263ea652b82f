import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Every single operation and pairs of them, each over a small tree of its own, under one running backup.
  ///
  /// Everyday: all singles and a sample of the pairs. `TREELINE_FULL=1`: all 127 × 127 pairs.
  @Suite(.enabled(if: Products.treelineWorks, "the program is not built"))
  struct SequencesTests {
    /// In a burst both operations come at once; spread, the second comes after the first has arrived.
    enum Pace: String, CaseIterable, Sendable { case burst, spread }

    private static let kinds: [Filesystem.Kind] = Thoroughness.isFull ? Filesystem.Kind.allCases : [.ext4]

    @Test(arguments: kinds, Pace.allCases)
    func everySequenceEndsEqual(kind: Filesystem.Kind, pace: Pace) throws {
      try runSequences(kind, .filesystem, .plain, pace)
    }

    @Test(arguments: Pace.allCases)
    func everySequenceEndsEqualUnderAMountMark(pace: Pace) throws {
      try runSequences(.ext4, .mount, .plain, pace)
    }

    private static let inodeViews: [(Scene.View, Pace)] =
      Thoroughness.isFull
      ? Scene.View.allCases.flatMap { view in Pace.allCases.map { (view, $0) } }
      : [(.plain, .spread)]

    @Test(arguments: inodeViews)
    func everySequenceEndsEqualWithMarksOfDirectoriesAlone(view: Scene.View, pace: Pace) throws {
      try runSequences(.ext4, .inode, view, pace)
    }

    private func runSequences(
      _ kind: Filesystem.Kind, _ mark: Scene.Mark, _ view: Scene.View, _ pace: Pace
    ) throws {
      if let reason = Scene.reasonToSkip(kind, view) {
        return announceSkip("sequences on \(kind), \(view)", because: reason)
      }
      let seed = Thoroughness.seed()
      let context = "\(kind), \(mark) mark, \(view), \(pace.rawValue), TREELINE_SEED=\(seed)"
      print(context)
      // 16,256 small trees, three times: the inodes of an ext4 come with its size.
      let scene = try Scene(
        kind, mark: mark, view: view, bytes: Thoroughness.isFull && kind != .tmpfs ? 40 << 30 : 4 << 30)
      let backup = try scene.backup()
      try backup.waitUntilReady()
      var arguments = [
        "sequences", "--root", scene.source, "--outside", scene.outside, "--length", "2", "--seed", "\(seed)",
      ]
      if !Thoroughness.isFull { arguments += ["--sample", "400"] }
      if pace == .burst { arguments.append("--burst") }
      let workload = try WorkloadProcess(scene, arguments)
      #expect(workload.untilStop("set up"))
      try backup.flush()
      workload.goOn()
      if pace == .spread {
        #expect(workload.untilStop("first done"))
        try backup.flush()
        workload.goOn()
      }
      try workload.finish()
      try scene.expectExact(backup, "\(context); seq-I-J means kinds I and J of `workload kinds`")
    }
  }
}
