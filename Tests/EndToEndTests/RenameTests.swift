import Foundation
import TestSupport
import Testing

/// A directory that gets another name is one rename at the destination, and not a byte is copied.
@Suite(.serialized, .enabled(if: Products.treelineWorks, "the program is not built"))
struct RenameTests {
  private static let files = 10_000
  /// 1 GiB in all in a full run, and a tenth of it every day.
  private static let bytesPerFile = (1 << 30) / files / (Thoroughness.isFull ? 1 : 10)

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

  /// The inode of every file under a directory: copying a file would give it another one.
  private func inodes(_ directory: String) throws -> [String: UInt64] {
    var found: [String: UInt64] = [:]
    for index in 0..<Self.files {
      var status = stat()
      guard lstat("\(directory)/\(index)", &status) == 0 else {
        throw TestSupportError("\(directory)/\(index) is missing")
      }
      found["\(index)"] = UInt64(status.st_ino)
    }
    return found
  }

  @Test func aRenameWhileRunningCopiesNothing() throws {
    guard let (scene, backup) = try scene() else { return }
    let before = try inodes("\(scene.destination)/before")
    let began = ContinuousClock.now
    #expect(rename("\(scene.source)/before", "\(scene.source)/after") == 0)
    let flushed = try backup.flush()
    print(
      "rename while running: flush returned \(flushed.duration) after it was asked,",
      "\(began.duration(to: .now)) after the rename began (bound: 100 ms)")
    #expect(try inodes("\(scene.destination)/after") == before)
    #expect(access("\(scene.destination)/before", F_OK) != 0)
    try scene.expectExact(backup, "a directory of \(Self.files) files renamed while running")
  }

  @Test func aRenameWhileNothingRunsCopiesNothing() throws {
    guard let (scene, backup) = try scene() else { return }
    let before = try inodes("\(scene.destination)/before")
    #expect(try backup.terminate() == 0)
    #expect(rename("\(scene.source)/before", "\(scene.source)/after") == 0)
    let again = try scene.backup()
    try again.waitUntilReady()
    try again.flush()
    #expect(try inodes("\(scene.destination)/after") == before)
    try scene.expectExact(again, "a directory of \(Self.files) files renamed while nothing ran")
  }
}
