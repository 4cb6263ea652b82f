import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A directory that gets another name is one rename at the destination, and not a byte is copied.
  @Suite(.enabled(if: Products.treelineWorks, "the program is not built"))
  struct RenameTests {
    /// 10,000 files of 1 GiB in all in a full run; a tenth of them, and of a tenth of the size, every day.
    private static let files = Thoroughness.isFull ? 10_000 : 1_000
    private static let bytesPerFile = (1 << 30) / 10_000 / (Thoroughness.isFull ? 1 : 10)

    /// A scene whose source holds the directory, backed up and flushed.
    private func scene() throws -> (Scene, TreelineProcess)? {
      if let reason = Filesystem.reasonToSkip(.ext4) {
        announceSkip("renaming a large directory", because: reason)
        return nil
      }
      let scene = try Scene(.ext4, bytes: 8 << 30)
      let directory = "\(scene.source)/before"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
      let content = Data((0..<Self.bytesPerFile).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      for index in 0..<Self.files {
        guard FileManager.default.createFile(atPath: "\(directory)/\(index)", contents: content) else {
          throw TestSupportError("cannot fill \(directory)")
        }
      }
      let backup = try scene.backup()
      try backup.waitUntilReady()
      try backup.flush()
      return (scene, backup)
    }

    /// What a copy could not keep: the inode, and the time at which it last changed.
    private struct Identity: Equatable {
      let inode, changedSeconds, changedNanoseconds: Int
    }

    private func identities(_ directory: String) throws -> [Identity] {
      try (0..<Self.files).map { index in
        var status = stat()
        guard lstat("\(directory)/\(index)", &status) == 0 else {
          throw TestSupportError("\(directory)/\(index) is missing")
        }
        return Identity(
          inode: Int(status.st_ino), changedSeconds: status.st_ctim.tv_sec,
          changedNanoseconds: status.st_ctim.tv_nsec)
      }
    }

    @Test func aRenameWhileRunningCopiesNothing() throws {
      guard let (scene, backup) = try scene() else { return }
      let before = try identities("\(scene.destination)/before")
      let began = ContinuousClock.now
      #expect(rename("\(scene.source)/before", "\(scene.source)/after") == 0)
      let flushed = try backup.flush()
      print(
        "rename while running: flush returned \(flushed.duration) after it was asked,",
        "\(began.duration(to: .now)) after the rename began (bound: 100 ms)")
      #expect(try identities("\(scene.destination)/after") == before, "files were copied")
      #expect(access("\(scene.destination)/before", F_OK) != 0)
      try scene.expectExact(backup, "a directory of \(Self.files) files renamed while running")
    }

    @Test func aRenameWhileNothingRunsCopiesNothing() throws {
      guard let (scene, backup) = try scene() else { return }
      let before = try identities("\(scene.destination)/before")
      #expect(try backup.terminate() == 0)
      #expect(rename("\(scene.source)/before", "\(scene.source)/after") == 0)
      let again = try scene.backup()
      try again.waitUntilReady()
      try again.flush()
      #expect(try identities("\(scene.destination)/after") == before, "files were copied")
      try scene.expectExact(again, "a directory of \(Self.files) files renamed while nothing ran")
    }
  }
}
