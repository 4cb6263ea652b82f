import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Random changes of every kind while `backup` runs end in equal trees.
  ///
  /// `TREELINE_FULL=1` runs 20,000 operations a case, `TREELINE_SEED` repeats one.
  @Suite(.enabled(if: Products.treelineWorks, "the program is not built"))
  struct ExactnessTests {
    private static let operations = Thoroughness.isFull ? 20_000 : 1_600

    /// When the backup starts, seen from the workload.
    enum Start: String, CaseIterable, Sendable { case before, during, after, killedInTheMiddle }

    /// A filesystem, how it is marked, and who looks.
    struct Place: Sendable, CustomTestStringConvertible {
      var kind = Filesystem.Kind.ext4
      let mark: Scene.Mark
      var view = Scene.View.plain
      var testDescription: String {
        "\(kind), \(mark) mark" + (view == .plain ? "" : ", \(view)")
      }
    }

    /// Everyday the other marks are tried on one filesystem.
    private static let places = [Scene.Mark.filesystem, .mount].flatMap { mark in
      Filesystem.Kind.allCases.compactMap { kind in
        mark == .filesystem || kind == .ext4 || Thoroughness.isFull ? Place(kind: kind, mark: mark) : nil
      }
    }

    @Test(arguments: places, Start.allCases)
    func theDestinationEqualsTheSourceAfterFlush(place: Place, start: Start) throws {
      try runCase(place, start)
    }

    private static let inodeViews: [(Scene.View, Start)] =
      Thoroughness.isFull
      ? Scene.View.allCases.flatMap { view in Start.allCases.map { (view, $0) } }
      : [
        (.plain, .during), (.unprivileged, .before), (.overlay, .before), (.fuseWithBirthTimes, .killedInTheMiddle),
      ]

    @Test(arguments: inodeViews)
    func itDoesSoWithMarksOfDirectoriesAlone(view: Scene.View, start: Start) throws {
      try runCase(Place(mark: .inode, view: view), start)
    }

    private func runCase(_ place: Place, _ start: Start) throws {
      if let reason = Scene.reasonToSkip(place.kind, place.view) {
        return announceSkip("exactness on \(place)", because: reason)
      }
      let seed = Thoroughness.seed()
      let context = "\(place.testDescription), backup started \(start.rawValue), TREELINE_SEED=\(seed)"
      print(context)
      let scene = try Scene(place.kind, mark: place.mark, view: place.view)
      switch start {
      case .before: try startBefore(scene, seed, context)
      case .during: try startDuring(scene, seed, context)
      case .after: try startAfter(scene, seed, context)
      case .killedInTheMiddle: try killInTheMiddle(scene, seed, context)
      }
    }

    /// The workload, stopping after each quarter, or as its own start.
    private func workload(_ scene: Scene, _ seed: UInt64, stops: Int, without: [String] = []) throws -> WorkloadProcess {
      try WorkloadProcess(
        scene,
        [
          "run", "--root", scene.source, "--outside", scene.outside, "--seed", "\(seed)",
          "--operations", "\(Self.operations)", "--progress", "\(Self.operations / stops)", "--gated", "--leave-flags",
        ] + without.flatMap { ["--without", $0] })
    }

    private func startBefore(_ scene: Scene, _ seed: UInt64, _ context: String) throws {
      let backup = try scene.backup()
      try backup.waitUntilReady()
      let workload = try workload(scene, seed, stops: 1)
      workload.goOn()
      try workload.finish()
      try scene.expectExact(backup, context)
    }

    private func startDuring(_ scene: Scene, _ seed: UInt64, _ context: String) throws {
      let workload = try workload(scene, seed, stops: 2)
      workload.untilStop("progress 0")
      workload.goOn()
      workload.untilStop("progress")
      let backup = try scene.backup(["--settle", "0"])
      workload.goOn()
      try workload.finish()
      try backup.waitUntilReady()
      try scene.expectExact(backup, context)
    }

    private func startAfter(_ scene: Scene, _ seed: UInt64, _ context: String) throws {
      let workload = try workload(scene, seed, stops: 1)
      workload.goOn()
      try workload.finish()
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try scene.expectExact(backup, context)
    }

    /// A quarter watched, a quarter under which the backup is killed, one while it is dead, one while it
    /// starts again.
    private func killInTheMiddle(_ scene: Scene, _ seed: UInt64, _ context: String) throws {
      // On tmpfs a store into a mapping leaves no trace: what is unmapped while nothing runs cannot be found.
      let blind = scene.filesystem.kind == .tmpfs ? ["map"] : []
      let killed = try scene.backup()
      try killed.waitUntilReady()
      let workload = try workload(scene, seed, stops: 4, without: blind)
      for _ in 0..<2 {
        workload.untilStop("progress")
        workload.goOn()
      }
      // The second quarter has only just begun.
      killed.kill9()
      workload.untilStop("progress")
      workload.goOn()
      workload.untilStop("progress")
      let again = try scene.backup()
      workload.goOn()
      try workload.finish()
      try again.waitUntilReady()
      try scene.expectExact(again, context)
    }
  }
}
