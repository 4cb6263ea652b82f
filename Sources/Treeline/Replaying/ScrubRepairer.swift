import LinuxSystem
import Replay
import SystemPackage

/// Has suspects repaired by who holds the destination: the backup that runs, or, where none does, by a replay
/// that is opened for it and lets go after each request.
final class ScrubRepairer {
  private let request: ScrubRequest
  private let journal: [UInt8]?
  private let source: [UInt8]?
  private var replayer: Replayer?

  /// Longer than any `--versions`: what is kept there is not this one's to let go of.
  private static let versionSeconds: Int64 = 1_000 * 366 * 86_400

  init(_ request: ScrubRequest, journal: [UInt8]?, source: [UInt8]?) {
    self.request = request
    self.journal = journal
    self.source = source
  }

  func repair(_ suspects: [ScrubSuspect]) -> [ScrubFinding.Outcome] {
    func left(_ why: String) -> [ScrubFinding.Outcome] { suspects.map { _ in .left(why) } }
    guard request.repairs else { return left("only looked at") }
    guard let journal else { return left("its journal is not known here") }
    do throws(TreelineError) {
      if let client = running(journal) {
        replayer = nil
        return try ask(client, suspects)
      }
      return try repair(suspects, journal)
    } catch {
      return left(error.description)
    }
  }

  /// The backup that keeps the destination.
  private func running(_ journal: [UInt8]) -> ControlClient? {
    guard let client = try? ControlClient(journal: journal), let status = try? client.status(),
      status.destination == request.destination
    else { return nil }
    return client
  }

  private func ask(
    _ client: ControlClient, _ suspects: [ScrubSuspect]
  ) throws(TreelineError) -> [ScrubFinding.Outcome] {
    var outcomes: [ScrubFinding.Outcome] = []
    var rest = suspects.map { RepairSuspect($0) }[...]
    while !rest.isEmpty {
      var count = rest.count
      while count > 1, ControlRequest.repair(Array(rest.prefix(count))).line.count > ControlRequest.byteCountMax {
        count /= 2
      }
      switch try client.repair(Array(rest.prefix(count))) {
      case .done(let answers) where answers.count == count:
        outcomes += answers.map { ScrubFinding.Outcome($0) }
      case .done: outcomes += rest.prefix(count).map { _ in .left("the backup is of another version") }
      case .refused(let why): outcomes += rest.prefix(count).map { _ in .left(why) }
      }
      rest = rest.dropFirst(count)
    }
    return outcomes
  }

  private func repair(
    _ suspects: [ScrubSuspect], _ journal: [UInt8]
  ) throws(TreelineError) -> [ScrubFinding.Outcome] {
    do throws(ReplayError) {
      let replayer = if let replayer = self.replayer { replayer } else { try open(journal) }
      self.replayer = replayer
      let outcomes = try replayer.repair(suspects)
      try replayer.syncNow()
      try replayer.idle()
      return outcomes
    } catch {
      replayer = nil
      throw TreelineError(error, destination: request.destination)
    }
  }

  private func open(_ journal: [UInt8]) throws(ReplayError) -> Replayer {
    var options = ReplayOptions()
    options.isReturning = true
    options.grafts = mountedInside(source ?? [])
    if DestinationLook(at: request.destination)?.keepsVersions == true {
      options.versionSeconds = Self.versionSeconds
    }
    let root = source.flatMap { try? Descriptor.open(given: $0, .listPlace) }
    return try Replayer(
      journal: journal, destination: request.destination, source: root, options: options)
  }
}
