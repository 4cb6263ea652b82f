import Capture
import Glibc
import Journal
import LinuxSystem
import SystemPackage

/// With `--cross-filesystems` what is mounted inside the source is a part of it, with a mark of its own for
/// each filesystem:
///
/// - A name under which something is mounted shows the root of that, and not the directory beneath, whose
///   content is not seen: if it was in the backup before, it leaves it.
/// - Objects are told apart by their handle and by what they are mounted in (see `Graft`); so nothing ever
///   moves over the border, and a filesystem that is mounted elsewhere in the source moves as a whole.
/// - What is unmounted is let go of at once, and is away: the mirror keeps it, nothing in it is looked at, and
///   what was hinted of it and not committed yet waits. That holds over restarts, because the mirror knows by
///   its keys what was mounted where. When it is back all of it is looked at, as after a restart.
/// - Another filesystem in its place takes its name. What was there is removed then; unless it was in memory
///   alone, a person is asked first.
/// - A part that is left out (see `GraftTable`) is as without the option: the directory beneath is copied.
extension CaptureStage {
  /// Looks for what is mounted inside, if anything was mounted or unmounted.
  func findMounts(_ follower: SourceFollower, isBeforeScan: Bool) throws(TreelineError) {
    guard options.crossesFilesystems, isBeforeScan || isMountLookDue else { return }
    isMountLookDue = false
    let before = grafts
    grafts = follower.findMounts(
      source: options.source, avoiding: destinationPlace, leavingOut: ownDirectories,
      isBeforeScan: isBeforeScan)
    for graft in grafts.grafts where before[graft.number] == nil {
      reporter.report(.notice("following \(printable(graft.entry.type)) at \(printable(graft.entry.path))"))
    }
    let known = Set(before.leftOut)
    for left in grafts.leftOut where !known.contains(left) {
      reporter.report(
        .notice(
          "\(printable(left.entry.type)) at \(printable(left.entry.path)) is left out: \(left.reason)"))
    }
    if !isBeforeScan { try publishGrafts(follower) }
  }

  /// Has `status` tell what is followed, left out and away, and keeps for `verify` where that is.
  func publishGrafts(_ follower: SourceFollower) throws(TreelineError) {
    guard options.crossesFilesystems else { return }
    var problems: [Status.Problem] = []
    var places: [[[UInt8]]] = []
    var away: Set<[UInt8]> = []
    for root in follower.mirror.graftRoots() {
      guard let names = follower.mirror.path(of: root)?.map(\.bytes) else { continue }
      let path = options.source + [0x2f] + names.joined(separator: [0x2f])
      places.append(names)
      if follower.isAway(follower.mirror.key(root)) {
        away.insert(path)
        problems.append(
          .init(
            path: path,
            message: "the filesystem that was mounted here is away; what was in it is kept, and what is here now is not seen"))
      } else {
        let type = grafts[follower.mirror.key(root).graft]?.entry.type ?? []
        problems.append(.init(path: path, message: "\(printable(type)) is mounted here and followed"))
      }
    }
    for left in grafts.leftOut {
      problems.append(
        .init(
          path: left.entry.path,
          message: "\(printable(left.entry.type)) is mounted here and left out: \(left.reason)"))
    }
    for path in away.subtracting(awayPlaces) {
      reporter.report(
        .warning("\(printable(path)): the filesystem that was mounted here is away; what was in it is kept"))
    }
    for path in awayPlaces.subtracting(away) {
      reporter.report(.notice("\(printable(path)): the filesystem that was mounted here is back, or was replaced"))
    }
    awayPlaces = away
    try recordMounts(places, journal: options.journal)
    let told = problems
    state.with { $0.mounts = told }
  }

  /// The filesystem that the destination is on, or will be.
  private var destinationPlace: Set<FilesystemPlace> {
    guard var path = options.destination else { return [] }
    while true {
      let place = try? withCString(path) { path throws(Errno) in
        let directory = try Descriptor.open(path, in: AT_FDCWD, .given)
        return try FilesystemPlace(of: directory.raw)
      }
      if let place { return [place] }
      guard let slash = path.lastIndex(of: 0x2f), path.count > 1 else { return [] }
      path = slash == 0 ? [0x2f] : Array(path[..<slash])
    }
  }

  /// The journal's own directory, by what it is: it may be reached through a mount as well.
  private var ownDirectories: [(place: FilesystemPlace, key: ObjectKey)] {
    let found = try? withCString(options.journal) { path throws(Errno) in
      let directory = try Descriptor.open(path, in: AT_FDCWD, .given)
      return (place: try FilesystemPlace(of: directory.raw), key: try ObjectKey.of(directory.raw))
    }
    return found.map { [$0] } ?? []
  }
}
