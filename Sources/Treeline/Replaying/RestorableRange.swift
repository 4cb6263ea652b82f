/// The moments that a destination can be asked for, in short.
public struct RestorableRange: Sendable, Equatable {
  public var oldest: RestorableMoment
  public var newest: RestorableMoment
  public var count: Int

  /// Asks a destination, which takes a reading of its log; nil where it is away, may not be read, or keeps
  /// nothing.
  public init?(of destination: [UInt8]) {
    guard !destination.isEmpty, let moments = try? TreeRestore.moments(of: destination, report: Unheard()),
      let oldest = moments.first, let newest = moments.last
    else { return nil }
    self.init(oldest: oldest, newest: newest, count: moments.count)
  }

  init(oldest: RestorableMoment, newest: RestorableMoment, count: Int) {
    self.oldest = oldest
    self.newest = newest
    self.count = count
  }

  /// As a person reads it.
  public var text: String {
    "\(countText(UInt64(count))) moments, from \(oldest.time.localText) to \(newest.time.localText)"
  }
}

extension RestorableRange {
  func writeMembers(_ json: inout JSONWriter) {
    json.object("oldest") { Self.write(oldest, &$0) }
    json.object("newest") { Self.write(newest, &$0) }
    json.member("count", UInt64(count))
  }

  private static func write(_ moment: RestorableMoment, _ json: inout JSONWriter) {
    json.member("seq", moment.sequence)
    json.member("time", moment.time.rfc3339)
  }
}

/// Damage is told by who wants something back.
private struct Unheard: Reporter {
  var wantsProgress: Bool { false }
  func report(_ news: Report) {}
}
