import Foundation
import TestSupport

/// A filesystem that shows what lies on another.
final class MountedLayer: Sendable {
  let root: String

  /// An overlayfs as it is mounted by default, over a few directories of the lower layer, which cannot be
  /// renamed (EXDEV), and files with one name and with several.
  init(overlayIn filesystem: Filesystem) throws {
    root = filesystem["merged"]
    let lower = filesystem["lower"]
    try succeed(["mkdir", "-p", "\(lower)/source/low/deep", filesystem["upper"], filesystem["work"], root])
    try succeed([
      "sh", "-c",
      """
      cd '\(lower)/source' && echo one > one && ln one one-too && echo two > low/deep/two && ln -s one link
      for n in 1 2 3 4 5 6 7 8; do
        mkdir -p low$n/deep && echo $n > low$n/file && ln low$n/file low$n/again && ln low$n/file again$n
      done
      """,
    ])
    try succeed([
      "mount", "-t", "overlay", "treeline-test", "-o",
      "lowerdir=\(lower),upperdir=\(filesystem["upper"]),workdir=\(filesystem["work"])", root,
    ])
  }

  /// A directory of another filesystem, through a FUSE server that shows it as it is.
  ///
  /// The servers that are to be had change what they show under random changes by themselves: most forward
  /// paths and lose what was renamed while they looked, or has a path that is too long.
  init(fuseIn filesystem: Filesystem, _ options: [String] = []) throws {
    root = filesystem["merged"]
    let files = filesystem["files"]
    try succeed(["mkdir", files, root])
    try succeed([Products.passthrough, files, root] + options)
  }

  deinit { _ = try? run(["umount", "-l", root]) }
}
