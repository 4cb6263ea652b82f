import LinuxSystem
import Replay
import Tree

/// The versions of a path that a destination can give back, from the destination alone.
public struct DestinationHistory: Sendable {
  public struct Version: Sendable, Equatable {
    /// What the destination can still give back of it.
    public enum Content: String, Sendable {
      /// It is what the copy has now.
      case current
      /// It was replaced or removed, and is kept.
      case kept
      /// It was being written at that moment, or is not kept any more.
      case gone
      /// It is no file.
      case none
    }

    /// The commit and the time of the first restorable moment at which it was so.
    public var sequence: UInt64
    public var time: Timestamp
    /// The object's number, so that versions of different objects can be told apart; 0 when nothing was there.
    public var id: UInt64
    /// What it was; nil when nothing was there any more.
    public var kind: FileKind?
    public var sizeBytes: UInt64
    public var modified: Timestamp
    public var content: Content
    /// The processes that made it so, as far as they were recorded.
    public var actors: [Actor]
  }

  /// Oldest first.
  public let versions: [Version]

  /// - Parameter path: from the copy's root, or beneath the destination.
  public init(
    destination: [UInt8], path: [UInt8], report: any Reporter
  ) throws(TreelineError) {
    let names = TreeRestore.names(in: path, of: destination)
    let past = try TreeRestore.open(destination)
    let points = try TreeRestore.points(of: past, destination, report: report)
    let found: [PastVersion]
    do throws(ReplayError) { found = try past.versions(of: names, at: points) } catch {
      throw TreelineError(error, destination: destination)
    }
    guard found.contains(where: { $0.attributes != nil }) else {
      throw TreelineError(
        "tell the versions of", path: path, why: "\(printable(destination)) has nothing of it from any moment that it can give back",
        advice: "paths begin at the root of the copy; `treeline restore --list` shows the moments")
    }
    versions = found.map { Version($0) }
  }
}

extension DestinationHistory.Version {
  init(_ version: PastVersion) {
    sequence = version.point.sequence.rawValue
    time = version.point.time
    id = version.id.rawValue
    kind = version.attributes?.kind
    sizeBytes = version.attributes?.sizeBytes ?? 0
    modified = version.attributes?.modified ?? .zero
    actors = version.actors.map { Actor(process: $0.process, deeds: $0.deeds) }
    content =
      switch version.place {
      case .current: .current
      case .kept: .kept
      case .gone: .gone
      case .none: .none
      }
  }

  /// Whether it began before a moment.
  public func precedes(_ moment: Moment) -> Bool {
    switch moment {
    case .sequence(let other): sequence < other.rawValue
    case .time(let other): time < other
    }
  }

  public func isAtOrBefore(_ moment: Moment) -> Bool {
    switch moment {
    case .sequence(let other): sequence <= other.rawValue
    case .time(let other): time <= other
    }
  }

  /// The members of a line of `history --destination --json`.
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("seq", sequence)
      json.member("time", time.rfc3339)
      json.member("id", id)
      if let kind {
        json.member("type", kind.word)
        json.member("size", sizeBytes)
        json.member("modified", modified.rfc3339)
        json.member("content", content.rawValue)
      } else {
        json.null("type")
      }
      guard !actors.isEmpty else { return }
      json.array("who") { json in for actor in actors { actor.write(to: &json) } }
    }
  }

  /// The columns of a line of `history --destination`.
  public var columns: [String] {
    let who = actors.isEmpty ? [] : [actors.map(\.text).joined(separator: ", ")]
    guard let kind else { return ["\(sequence)", time.localText, "nothing"] + (who.isEmpty ? [] : ["", ""] + who) }
    let size = kind == .regular ? sizeText(sizeBytes) : kind.word
    return ["\(sequence)", time.localText, size, "of \(modified.localText)", content == .none ? "" : content.rawValue] + who
  }
}
