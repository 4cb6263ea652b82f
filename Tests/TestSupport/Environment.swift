import Foundation
import Glibc

/// How thorough a run is, and from which seed.
package enum Thoroughness {
  /// `TREELINE_FULL=1`: everything at the size that the figures are quoted for.
  package static let isFull = ProcessInfo.processInfo.environment["TREELINE_FULL"] == "1"

  /// The filesystems on which a fault is tried: ext4 every day, and in full each that lies on a disk.
  package static let filesystems: [Filesystem.Kind] = isFull ? [.ext4, .xfs, .btrfs] : [.ext4]

  /// Where a test of files alone is done: where temporary files are, which needs no privilege, and in full on a
  /// fresh filesystem of each kind as well.
  package static let places: [Filesystem.Kind?] = [nil] + (isFull ? Filesystem.Kind.allCases : [])

  /// `TREELINE_SEED`, or another one each time.
  package static func seed() -> UInt64 {
    ProcessInfo.processInfo.environment["TREELINE_SEED"].flatMap { UInt64($0) } ?? .random(in: 1..<1_000_000_000)
  }
}
