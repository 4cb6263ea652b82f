import Exclusion
import LinuxSystem
import Replay
import SystemPackage

/// Where two trees differ, and how.
public struct ListedDifference: Sendable, Equatable {
  /// From the root of the trees, without a leading `/`; `.` for the root.
  public var path: [UInt8]
  /// One word that scripts may rely on, such as `mode` or `only-in-source`.
  public var what: String
  /// What a person is told.
  public var message: String
}

/// Compares a source and a destination in every attribute that a copy keeps.
///
/// - Parameters:
///   - rules: what of the source is not to be at the destination.
///   - mounts: where filesystems are mounted inside the source that are at the destination as well, names
///     from its root; what is away is not compared. nil where mounts are not followed.
///   - checksum: whether content is read; otherwise size and time stand for it.
///   - onAway: is told of each place that is not compared.
///   - report: is told of each difference.
/// - Returns: how many objects were on both sides.
/// - Throws: `.unavailable` when one of the two cannot be opened.
package func verifyTrees(
  source: [UInt8], destination: [UInt8], leavingOut rules: ExclusionRules, mounts: [[[UInt8]]]? = nil,
  checksum: Bool, onAway: ([UInt8]) -> Void = { _ in }, _ report: (ListedDifference) -> Void
) throws(TreelineError) -> UInt64 {
  let tree = withoutMounts(try root(source))
  let copy = try root(destination)
  var grafts = GraftTable.empty
  if mounts != nil {
    do throws(Errno) {
      grafts = try GraftTable(
        source: JournalPlace.absolute(source), root: tree.raw, avoiding: [try FilesystemPlace(of: copy.raw)])
    } catch {
      throw TreelineError("look at what is mounted in", path: source, error)
    }
  }
  let away = Set((mounts ?? []).filter { grafts.at($0) == nil })
  for place in away { onAway(joined(place)) }
  var comparison = TreeComparison(
    source: tree, destination: copy, leavingOut: rules, grafts: grafts, away: away, checksum: checksum)
  do throws(Errno) {
    try comparison.run { difference in
      let (what, message) = words(difference.what)
      report(
        ListedDifference(
          path: difference.path.isEmpty ? [0x2e] : difference.path, what: what, message: message))
    }
  } catch {
    throw TreelineError("compare with the source", path: destination, error)
  }
  return comparison.comparedCount
}

/// The source as capture sees it: what is mounted inside is no part of it.
///
/// Without CAP_SYS_ADMIN mount points are compared as they are, and not entered.
private func withoutMounts(_ directory: consuming Descriptor) -> Descriptor {
  if let tree = try? Descriptor.cloneTree(of: directory.raw) { return tree }
  return directory
}

private func root(_ path: [UInt8]) throws(TreelineError) -> Descriptor {
  do throws(Errno) { return try Descriptor.open(given: path, .listPlace) } catch {
    throw TreelineError("open", path: path, error, exitCode: .unavailable)
  }
}

private func words(_ what: TreeDifference.What) -> (String, String) {
  switch what {
  case .onlyInSource: ("only-in-source", "it is not at the destination")
  case .onlyInDestination: ("only-in-destination", "it is not in the source")
  case .kind: ("type", "the types differ")
  case .mode: ("mode", "the modes differ")
  case .owner: ("owner", "owner or group differ")
  case .size: ("size", "the sizes differ")
  case .modified: ("time", "the modification times differ")
  case .device: ("device", "the device numbers differ")
  case .linkGroup: ("links", "its hard links are not those of the source")
  case .target: ("target", "the targets differ")
  case .extendedAttributes: ("xattrs", "extended attributes or ACLs differ")
  case .flags: ("flags", "the flags that chattr sets differ")
  case .content: ("content", "the contents differ")
  case .unreadable(let errno): ("unreadable", "it cannot be read: \(errno)")
  }
}
