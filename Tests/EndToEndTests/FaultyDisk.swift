import Foundation
import TestSupport

/// A filesystem on a disk that gives errors when it is told to: a loop device on a file of `faultdisk`.
final class FaultyDisk: Sendable {
  /// Where the filesystem is mounted.
  let root: String
  /// The FUSE filesystem that the disk is a file of.
  let carrier: String
  let image: String
  private let directory: TemporaryDirectory
  private let server: Child

  /// Of ext4; a page, see `mount`.
  static let blockBytes = 4096

  static let reasonToSkip: String? =
    access("/dev/fuse", R_OK | W_OK) == 0 ? nil : "there is no /dev/fuse to make a disk with"

  init(_ kind: Filesystem.Kind = .ext4, bytes: Int) throws {
    if let reason = Filesystem.reasonToSkip(kind) { throw TestSupportError(reason) }
    directory = try TemporaryDirectory()
    image = directory["disk-image"]
    carrier = directory["carrier"]
    root = directory["mount"]
    try shell("mkdir '\(carrier)' '\(root)'; truncate -s \(bytes) '\(image)'")
    server = try Child([Products.tool("faultdisk"), image, carrier])
    let disk = "\(carrier)/disk"
    guard eventually(within: .seconds(10), { access(disk, F_OK) == 0 }) else {
      throw TestSupportError("no disk came: \(server.standardError)")
    }
    // On ext4 whatever is no file's data stands at the front.
    let options = kind == .ext4 ? "-F -b \(FaultyDisk.blockBytes) -E packed_meta_blocks=1" : "-f"
    try shell("mkfs.\(kind) -q \(options) '\(disk)'")
    try mount()
  }

  /// A loop device takes a write that was cut short for one that was done. So each is small enough, and a
  /// whole number of pages, to be one write to the carrier, which fails or not.
  private func mount() throws {
    try shell(
      """
      mount -o loop '\(carrier)/disk' '\(root)'
      echo 64 > "/sys/block/$(basename "$(findmnt -nro SOURCE '\(root)')")/queue/max_sectors_kb"
      """)
  }

  deinit {
    heal()
    _ = try? run(["umount", "-l", root])
    _ = try? run(["umount", "-l", carrier])
  }

  /// From now on every write and sync fails, or every write to some bytes of the disk.
  func failWrites(at range: Range<Int>? = nil) throws {
    if let range { try shell("echo \(range.lowerBound) \(range.count) > '\(image).fail-at'") }
    try shell("touch '\(image).fail-write'")
  }

  /// What says that it fails goes first: without a place it would fail everywhere.
  func heal() { _ = try? shell("rm -f '\(image).fail-write'; rm -f '\(image)'.fail-*") }

  /// Mounts it anew, as a person does after a disk failed, with nothing of it in memory.
  func remount() throws {
    let isFree = try eventually(within: .seconds(10)) { try run(["umount", root]).exitCode == 0 }
    guard isFree else { throw TestSupportError("the destination stays busy") }
    try mount()
  }
}
