import Foundation
import Glibc

/// A fresh filesystem, mounted in a temporary directory and gone with its owner.
///
/// ext4, xfs and btrfs lie in a sparse image on a loop device.
package final class Filesystem: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case ext4, xfs, btrfs, tmpfs
  }

  package let kind: Kind
  /// Where it is mounted.
  package let root: String
  private let directory: TemporaryDirectory
  /// What it lies in, but for tmpfs.
  package var image: String { directory["image"] }

  /// Makes and mounts one. It takes no space beyond what is written to it.
  package init(_ kind: Kind, bytes: Int = 4 << 30) throws {
    if let reason = Self.reasonToSkip(kind) { throw TestSupportError(reason) }
    _ = Self.leftoversRemoved
    self.kind = kind
    directory = try TemporaryDirectory()
    root = directory["mount"]
    guard mkdir(root, 0o755) == 0 else { throw TestSupportError("cannot make \(root)") }
    guard kind != .tmpfs else {
      try succeed(["mount", "-t", "tmpfs", "-o", "size=\(bytes)", "treeline-test", root])
      return
    }
    let image = directory["image"]
    let descriptor = open(image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    guard ftruncate(descriptor, bytes) == 0 else { throw TestSupportError("cannot size \(image)") }
    try succeed(["mkfs.\(kind.rawValue)", "-q", image])
    try succeed(["mount", "-o", "loop", image, root])
  }

  deinit { unmount() }

  /// Unmounts, at once where nothing uses it and otherwise as soon as nothing does.
  package func unmount() {
    guard (try? run(["umount", root]))?.exitCode != 0 else { return }
    _ = try? run(["umount", "-l", root])
  }

  /// Mounts it anew, with nothing of it in memory.
  package func remount() throws {
    try succeed(["umount", root])
    try succeed(["mount", "-o", "loop", image, root])
  }

  /// Makes the inode of a file one whose checksum is wrong; ext4 only.
  package func damage(_ name: String) throws {
    let inode = try succeed(["stat", "-c", "%i", self[name]]).standardOutput.dropLast()
    try succeed(["umount", root])
    try succeed(["debugfs", "-w", "-R", "sif <\(inode)> checksum 0xdead", directory["image"]])
    try succeed(["mount", "-o", "loop", directory["image"], root])
  }

  /// The path of something in it.
  package subscript(_ name: String) -> String { "\(root)/\(name)" }

  /// Why a filesystem of this kind cannot be had here; nil where it can.
  package static func reasonToSkip(_ kind: Kind) -> String? {
    guard geteuid() == 0 else { return "\(kind) needs root to be mounted" }
    guard kind != .tmpfs else { return nil }
    guard findTool("mkfs.\(kind.rawValue)") != nil else { return "mkfs.\(kind.rawValue) is not installed" }
    guard access("/dev/loop-control", R_OK) == 0 else { return "there are no loop devices for \(kind)" }
    return nil
  }

  /// Why a FUSE server cannot be run here; nil where one can.
  package static var reasonToSkipFUSE: String? {
    guard geteuid() == 0 else { return "FUSE needs root to be mounted" }
    return access("/dev/fuse", R_OK | W_OK) == 0 ? nil : "there is no /dev/fuse"
  }

  /// What runs that were killed left mounted.
  private static let leftoversRemoved: Void = {
    let prefix = "treeline-test-"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: TemporaryDirectory.base)) ?? []
    for name in names where name.hasPrefix(prefix) {
      guard let owner = name.dropFirst(prefix.count).split(separator: "-").first.flatMap({ pid_t($0) }),
        kill(owner, 0) != 0, errno == ESRCH
      else { continue }
      let path = "\(TemporaryDirectory.base)/\(name)"
      _ = try? run(["umount", "-l", "\(path)/mount"])
      _ = try? run(["rm", "-rf", "--one-file-system", path])
    }
  }()
}
