import Glibc
import Journal
import LinuxSystem
import Replay
import SystemPackage
import Tree

/// Rereads a destination once, and has what is wrong repaired: by the backup that keeps it, or here where none
/// does.
public final class DestinationScrubbing: Sendable {
  private let request: ScrubRequest
  private let reporter: any Reporter
  private let onFinding: @Sendable (ScrubLine) -> Void
  private let isStopping = Guarded(false)

  public init(
    _ request: ScrubRequest, report: any Reporter, onFinding: @escaping @Sendable (ScrubLine) -> Void
  ) {
    self.request = request
    reporter = report
    self.onFinding = onFinding
  }

  /// Ends it soon; the next one goes on from there.
  public func requestStop() { isStopping.change { $0 = true } }

  /// Reads everything.
  ///
  /// - Returns: `incomplete` when something is wrong and was not repaired; each was told.
  public func run() throws(TreelineError) -> ExitCode {
    guard let look = DestinationLook(at: request.destination) else { throw try refusal() }
    let journal = try findJournal(of: look.identity)
    let source = openSource(journal)
    let path = source.path
    let repairer = ScrubRepairer(request, journal: journal, source: path)
    var leftCount = 0
    var pace = ScrubPace(bytesPerSecond: request.bytesPerSecond)
    do throws(ReplayError) {
      let scrub = try DestinationScrub(
        request.destination, journal: journal, source: source.root, grafts: mountedInside(path ?? []),
        repair: { repairer.repair($0) },
        onFinding: { [onFinding] finding in
          let line = ScrubLine(finding)
          if !line.isRepaired { leftCount += 1 }
          onFinding(line)
        },
        onProgress: { [reporter, isStopping] count, progress in
          reporter.report(
            .progress(
              .init(
                stage: "rereading", objects: progress.objects, objectsTotal: progress.objectsTotal,
                bytes: progress.bytes)))
          return pace.wait(count, isStopping)
        })
      let isWhole = try scrub.run()
      conclude(scrub.progress, isWhole, leftCount)
    } catch .locked {
      throw TreelineError(
        "scrub", path: request.destination, why: "another scrub of it is under way", exitCode: .locked)
    } catch .notOurs {
      throw TreelineError(
        "scrub", path: request.destination, why: "its first copy is not complete",
        advice: "wait until `treeline flush` returns", exitCode: .unavailable)
    } catch {
      throw TreelineError(error, destination: request.destination)
    }
    return leftCount == 0 ? .done : .incomplete
  }

  /// Why a directory is not to be scrubbed.
  private func refusal() throws(TreelineError) -> TreelineError {
    do throws(ReplayError) { _ = try DestinationPast(request.destination) } catch {
      return TreelineError(error, destination: request.destination)
    }
    return TreelineError("scrub", path: request.destination, why: "it cannot be looked at")
  }

  private func conclude(_ progress: DestinationScrub.Progress, _ isWhole: Bool, _ leftCount: Int) {
    let read = "\(countText(progress.objects)) objects, \(sizeText(progress.bytes)) read"
    guard isWhole else {
      return reporter.report(.notice("stopped after \(read); the next scrub goes on from there"))
    }
    var text = (progress.isResumed ? "went on with the last scrub: " : "") + read
    if progress.unconfirmed > 0 {
      text +=
        "; \(countText(progress.unconfirmed)) contents were read for the first time and not compared with the source"
    }
    if leftCount > 0 { text += "; \(leftCount) not repaired" }
    reporter.report(.notice(text))
  }

  // MARK: Journal and source

  /// The journal that a destination follows; nil where it is not on this machine.
  private func findJournal(of identity: DestinationIdentity) throws(TreelineError) -> [UInt8]? {
    func isIts(_ path: [UInt8]) -> Bool {
      (try? JournalReader.open(at: path))?.id.bytes == identity.journal
    }
    if let journal = request.journal {
      guard isIts(journal) else {
        throw TreelineError(
          "scrub", path: request.destination, why: "it does not follow the journal \(printable(journal))",
          exitCode: .usage)
      }
      return journal
    }
    if let found = listJournals().first(where: { isIts($0.path) }) { return found.path }
    reporter.report(
      .warning(
        "the journal that it follows is not known here: contents are only compared with what they were at the last scrub, and nothing is repaired"))
    return nil
  }

  private func openSource(_ journal: [UInt8]?) -> OpenedSource {
    guard let journal else { return OpenedSource(path: nil, root: nil) }
    let path = request.source ?? (try? JournalReader.open(at: journal))?.source.path ?? []
    guard let root = try? Descriptor.open(given: path, .listPlace) else {
      reporter.report(
        .warning("the source \(printable(path)) is not there: only attributes and names can be repaired"))
      return OpenedSource(path: nil, root: nil)
    }
    return OpenedSource(path: path, root: root)
  }
}

private struct OpenedSource: ~Copyable {
  let path: [UInt8]?
  let root: Descriptor?
}

extension ScrubLine {
  init(_ finding: ScrubFinding) {
    let what =
      switch finding.what {
      case .rotted: "its content is not what it was, though nobody wrote to it"
      case .edited: "somebody changed it"
      case .differs: "its content is not that of the source"
      case .unreadable: "it could not be read"
      case .attributes: "somebody changed its attributes"
      case .missing: "it was gone"
      case .foreign: "it is not ours"
      }
    let repaired = finding.what == .foreign ? "moved to .treeline/foreign" : "repaired"
    switch RepairOutcome(finding.outcome) {
    case .repaired, .sound: message = "\(what); \(repaired)"
    case .left(let why): message = "\(what); not repaired: \(why)"
    }
    path = finding.path
    found = finding.what.rawValue
    isRepaired = finding.outcome == .repaired
  }
}
