import Foundation
import Glibc

/// How thorough a run is, and from which seed.
package enum Thoroughness {
  /// `TREELINE_FULL=1`: everything at the size that the figures are quoted for.
  package static let isFull = ProcessInfo.processInfo.environment["TREELINE_FULL"] == "1"

  /// `TREELINE_SEED`, or another one each time.
  package static func seed() -> UInt64 {
    ProcessInfo.processInfo.environment["TREELINE_SEED"].flatMap { UInt64($0) } ?? .random(in: 1..<1_000_000_000)
  }
}
