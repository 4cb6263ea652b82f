import Foundation
import TestSupport

/// A disk with a filesystem that loses power, at any moment, with all that is only in memory.
///
/// Its image is a file of another filesystem, the carrier. A flush of the disk is a sync of that file.
final class PowerCutDisk {
  /// What becomes of what the disk took and was not told to flush.
  enum Cache: String, CaseIterable, Sendable { case written, lost }

  static let reasonToSkip: String? =
    (try? run(["xfs_io", "-V"]))?.exitCode == 0 ? nil : "xfs_io, which shuts filesystems down, is not installed"

  /// Where the filesystem is mounted.
  let root: String
  private let cache: Cache
  private let carrier: Filesystem
  private let image: String
  private let kept: String
  private let directory: TemporaryDirectory

  init(_ kind: Filesystem.Kind, _ cache: Cache) throws {
    if let reason = Filesystem.reasonToSkip(kind) { throw TestSupportError(reason) }
    self.cache = cache
    directory = try TemporaryDirectory()
    carrier = try Filesystem(.ext4, bytes: 2 << 30)
    root = directory["mount"]
    image = carrier["image"]
    kept = directory["kept"]
    try shell(
      """
      mkdir '\(root)'; truncate -s 512M '\(image)'; mkfs.\(kind) -q '\(image)'
      mount -o loop '\(image)' '\(root)'
      """)
  }

  deinit { _ = try? run(["umount", "-l", root]) }

  /// Keeps all that the disk holds, for `putBack`.
  func keep() throws {
    try shell("umount '\(root)'; cp --sparse=always '\(image)' '\(kept)'; mount -o loop '\(image)' '\(root)'")
  }

  func putBack() throws {
    try shell(
      """
      umount '\(root)'; cp --sparse=always '\(kept)' '\(image)'; sync '\(image)'
      mount -o loop '\(image)' '\(root)'
      """)
  }

  /// Cuts the power, and mounts what is left.
  func cut() throws {
    switch cache {
    case .written:
      // What the filesystem writes from here on is for nothing.
      try shell("cp --sparse=always '\(image)' '\(image).cut'; umount '\(root)'; mv '\(image).cut' '\(image)'")
    case .lost:
      try shell("xfs_io -x -c shutdown '\(carrier.root)'; umount '\(root)'")
      try carrier.remount()
    }
    try shell("mount -o loop '\(image)' '\(root)'")
  }
}
