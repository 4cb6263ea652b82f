import Glibc
import LinuxSystem
import Replay
import SystemPackage
import Tree

/// Gives back a tree, or a part of it, as a destination had it at an earlier moment.
///
/// Only the destination is asked: source and journal may be gone.
public final class TreeRestore {
  private let request: RestoreRequest
  private let past: DestinationPast
  private let point: RestorePoint
  private let names: [[[UInt8]]]
  private let reporter: any Reporter

  /// Finds the moment that is asked for, and writes nothing.
  public init(_ request: RestoreRequest, report: any Reporter) throws(TreelineError) {
    self.request = request
    reporter = report
    let past = try Self.open(request.destination)
    self.past = past
    let points = try Self.points(of: past, request.destination, report: reporter)
    point = try Self.choose(request.at, among: points, request.destination)
    names = request.paths.map { Self.names(in: $0, of: request.destination) }
  }

  /// The moments that a destination can be asked for, oldest first.
  public static func moments(
    of destination: [UInt8], report: any Reporter
  ) throws(TreelineError) -> [RestorableMoment] {
    try points(of: try open(destination), destination, report: report).map {
      RestorableMoment(
        sequence: $0.sequence.rawValue, time: $0.time, unsettledCount: $0.unsettled.count)
    }
  }

  /// The moment that is given back.
  public var moment: RestorableMoment {
    RestorableMoment(
      sequence: point.sequence.rawValue, time: point.time, unsettledCount: point.unsettled.count)
  }

  static func open(_ destination: [UInt8]) throws(TreelineError) -> DestinationPast {
    do throws(ReplayError) { return try DestinationPast(destination) } catch {
      throw TreelineError(error, destination: destination)
    }
  }

  // MARK: The moment

  /// Those of the last hour, then the last of each hour, then the last of each day: of others not every
  /// version was kept.
  static func points(
    of past: DestinationPast, _ destination: [UInt8], report reporter: any Reporter
  ) throws(TreelineError) -> [RestorePoint] {
    let all: [RestorePoint]
    do throws(ReplayError) { all = try past.points() } catch {
      throw TreelineError(error, destination: destination)
    }
    for error in past.damage {
      let text = TreelineError(error, destination: destination).description
      reporter.report(
        .warning("\(text); moments from there up to the next whole tree in it cannot be had"))
    }
    let thinning = VersionThinning(now: .now(), ageSeconds: .max)
    var kept: [RestorePoint] = []
    for (index, point) in all.enumerated() {
      // It is the state of every moment until the next one.
      let end = index + 1 < all.count ? all[index + 1].time : Timestamp.now()
      let last = Timestamp(nanosecondsSince1970: end.nanosecondsSince1970 - 1)
      if thinning.moment(atOrBefore: last) >= point.time { kept.append(point) }
    }
    return kept
  }

  private static func choose(
    _ wanted: Moment?, among points: [RestorePoint], _ destination: [UInt8]
  ) throws(TreelineError) -> RestorePoint {
    let found =
      switch wanted {
      case nil: points.last
      case .sequence(let sequence): points.last { $0.sequence <= sequence }
      case .time(let time): points.last { $0.time <= time }
      }
    if let found { return found }
    let advice =
      points.first.map { "the oldest that can be had is of \($0.time.localText); --list shows all" }
      ?? "it keeps what is replaced and removed since a backup with --versions has run, and that has not been or was turned off"
    throw TreelineError(
      "restore from", path: destination, why: "it keeps nothing from that time", advice: advice)
  }

  // MARK: Restoring

  /// A path from the root of the copy, as names; one that lies beneath the destination is taken from there.
  static func names(in path: [UInt8], of destination: [UInt8]) -> [[UInt8]] {
    let slash = UInt8(ascii: "/")
    var rest = path[...]
    let prefix = destination.last == slash ? destination : destination + [slash]
    if rest.starts(with: prefix) {
      rest = rest.dropFirst(prefix.count)
    } else if path == destination {
      rest = []
    }
    return rest.split(separator: slash).map { Array($0) }.filter { $0 != [UInt8(ascii: ".")] }
  }

  /// Makes it.
  ///
  /// - Returns: `incomplete` when something could not be given back whole; each was named.
  public func run() throws(TreelineError) -> ExitCode {
    var isWhole = true
    let restorer: Restorer
    do throws(ReplayError) {
      restorer = try Restorer(past, at: point) { [reporter] trouble in
        isWhole = false
        reporter.report(.warning("\(printable(trouble.path)): \(describe(trouble.reason))"))
      }
    } catch {
      throw TreelineError(error, destination: request.destination)
    }
    for (path, names) in zip(request.paths, names) where !restorer.contains(names) {
      throw TreelineError(
        "restore", path: path,
        why: "nothing was there at \(point.time.localText)",
        advice: "paths begin at the root of the copy; try another --at")
    }
    let target = try openTarget()
    var last = Restorer.Progress()
    do throws(Errno) {
      try restorer.restore(to: target.raw, paths: names) { [reporter] progress in
        last = progress
        reporter.report(
          .progress(
            .init(
              stage: "restoring", objects: progress.objects, objectsTotal: progress.objectsTotal,
              bytes: progress.bytes, bytesTotal: progress.bytesTotal, path: progress.path)))
      }
    } catch {
      throw TreelineError(
        "restore to", path: request.target, error,
        advice: error == .noSpace ? "make room there, and restore into an empty directory" : nil)
    }
    reporter.report(
      .notice(
        "restored \(countText(last.objects)) objects, \(sizeText(last.bytes)), as of \(point.time.localText) (commit \(point.sequence.rawValue))"
      ))
    return isWhole ? .done : .incomplete
  }

  /// The directory to restore to: made where it is not there, and refused where it holds anything.
  private func openTarget() throws(TreelineError) -> Descriptor {
    let path = request.target
    do throws(Errno) {
      try withCString(path) { path throws(Errno) in
        do throws(Errno) {
          try Names.makeDirectory(path, in: AT_FDCWD, mode: 0o700)
        } catch .fileExists {}
      }
      let target = try Descriptor.open(given: path, .listPlace)
      guard try Restorer.isEmpty(target.raw) else { throw Errno.directoryNotEmpty }
      return target
    } catch .directoryNotEmpty {
      throw TreelineError(
        "restore to", path: path, why: "it is not empty",
        advice: "give an empty directory, or one that is to be made")
    } catch {
      throw TreelineError("restore to", path: path, error, advice: nil)
    }
  }
}

private func describe(_ reason: Restorer.Trouble.Reason) -> String {
  switch reason {
  case .missing: "its content of that time is not to be had any more; it was left out"
  case .unsettled: "it was being written at that time; its content is the one from before"
  case .failed(let errno): "it cannot be made: \(errno)"
  case .lost(let lost): describe(lost)
  }
}
