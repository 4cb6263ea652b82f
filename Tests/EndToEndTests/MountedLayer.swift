import Foundation
import TestSupport

/// A filesystem that shows what lies on another.
final class MountedLayer: Sendable {
  let root: String

  /// An overlayfs as it is mounted by default, over a few files of the lower layer.
  init(overlayIn filesystem: Filesystem) throws {
    root = filesystem["merged"]
    let lower = filesystem["lower"]
    try succeed(["mkdir", "-p", "\(lower)/source/low/deep", filesystem["upper"], filesystem["work"], root])
    try succeed([
      "sh", "-c",
      "cd '\(lower)/source' && echo one > one && ln one one-too && echo two > low/deep/two && ln -s one link",
    ])
    try succeed([
      "mount", "-t", "overlay", "treeline-test", "-o",
      "lowerdir=\(lower),upperdir=\(filesystem["upper"]),workdir=\(filesystem["work"])", root,
    ])
  }

  deinit { _ = try? run(["umount", "-l", root]) }
}
