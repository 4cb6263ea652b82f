import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A destination that takes names for one which the source tells apart: no file replaces another there.
  @Suite(
    .enabled(if: canInjectFaults, "needs root and loop devices"),
    .enabled(if: Filesystem.reasonToSkipFUSE == nil, "needs FUSE"))
  struct NameFoldingTests {
    private func scene() throws -> (Scene, MountedLayer) {
      let scene = try Scene(.ext4)
      return (scene, try MountedLayer(fuseIn: scene.filesystem, ["--fold-case"]))
    }

    @Test func itIsRefusedAsAWholeWhereItFoldsCase() throws {
      let (scene, layer) = try scene()
      try shell("cd '\(scene.source)'; echo upper >A; echo lower >a; mkdir '\(layer.root)/folding'")
      let refused = try treeline(
        ["backup", "--once", scene.source, "\(layer.root)/folding", "--journal", scene.journal])
      #expect(refused.exitCode == 1, "\(refused)")
      #expect(refused.standardError.contains("upper and lower case"), "\(refused)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(layer.root)/folding") == [])
    }

    /// As with chattr(1), `+F`: a directory beneath it, where the destination was looked at before.
    @Test func whatCollidesInADirectoryThatDoesIsNamedAndReplacesNothing() throws {
      let (scene, layer) = try scene()
      let destination = "\(layer.root)/copy"
      try shell("cd '\(scene.source)'; mkdir folding; mkdir '\(destination)'")
      let backup = ["backup", "--once", scene.source, destination, "--journal", scene.journal]
      #expect(try treeline(backup).exitCode == 0)
      try shell("cd '\(scene.source)/folding'; echo upper >A; echo alone >b")
      #expect(try treeline(backup).exitCode == 0)
      try shell("cd '\(scene.source)/folding'; echo lower >a; ln A B; mkdir c")
      let partial = try treeline(backup)
      #expect(partial.exitCode == 3, "\(partial)")
      #expect(partial.standardError.contains("folding/a"), "\(partial)")
      let found = try shell("cd '\(destination)/folding'; cat A b; ls | tr '\\n' ' '; ls -A ../.treeline/foreign | wc -l")
      #expect(found.standardOutput == "upper\nalone\nA b c 0\n")
      // What made them collide goes, and all is well.
      try shell("cd '\(scene.source)/folding'; rm A B")
      let done = try treeline(backup)
      #expect(done.exitCode == 0, "\(done)")
      #expect(try shell("cd '\(destination)/folding'; cat a b; ls | tr '\\n' ' '").standardOutput == "lower\nalone\na b c ")
    }
  }
}
