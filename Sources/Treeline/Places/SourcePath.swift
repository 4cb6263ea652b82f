import Journal
import LinuxSystem

/// Something in a source: the journal that tells of it, and its path from the source's root.
public struct SourcePath: Sendable {
  /// The journal's directory.
  public let journal: [UInt8]
  /// Without a leading `/`; `.` for the root.
  public let path: [UInt8]

  /// Finds the journal that tells of a path, also where nothing stands there any more.
  ///
  /// - Parameters:
  ///   - given: as a person named it; with a journal it may be one from the source's root.
  ///   - journal: the one that is meant; nil takes the known one with the innermost source.
  public init(_ given: [UInt8], journal: [UInt8]?) throws(TreelineError) {
    let absolute = Self.absolute(given)
    guard let journal else {
      let known = listJournals().compactMap { listed in
        listed.source.flatMap { source in
          Self.path(of: absolute, in: source).map { (source, SourcePath(listed.path, $0), listed.isRunning) }
        }
      }
      let innermost = known.map(\.0.count).max()
      var candidates = known.filter { $0.0.count == innermost }
      if candidates.count > 1 { candidates = candidates.filter { $0.2 } }
      guard candidates.count == 1 else {
        throw TreelineError(
          "find the journal that tells of", path: absolute,
          why: known.isEmpty ? "no known journal has a source that holds it" : "there are several",
          advice: "name one with --journal; `treeline journal list` shows those known")
      }
      self = candidates[0].1
      return
    }
    let directory = try JournalPlace.find(journal)
    let source: [UInt8]
    do throws(JournalError) { source = try JournalReader.open(at: directory).source.path } catch {
      throw TreelineError(error, journal: directory)
    }
    self.init(directory, Self.path(of: absolute, in: source) ?? Self.normal(given))
  }

  private init(_ journal: [UInt8], _ path: [UInt8]) {
    self.journal = journal
    self.path = path
  }

  /// The absolute path; a link that it ends in is meant itself.
  private static func absolute(_ given: [UInt8]) -> [UInt8] {
    var trimmed = given
    while trimmed.count > 1, trimmed.last == 0x2f { trimmed.removeLast() }
    let start = trimmed.lastIndex(of: 0x2f).map { $0 + 1 } ?? 0
    let name = trimmed[start...]
    if name.isEmpty || name.elementsEqual([0x2e]) || name.elementsEqual([0x2e, 0x2e]) {
      return JournalPlace.absolute(trimmed)
    }
    let directory = JournalPlace.absolute(start == 0 ? [0x2e] : Array(trimmed[..<start]))
    return (directory == [0x2f] ? [] : directory) + [0x2f] + name
  }

  /// The path from a source's root; nil for what does not lie in it.
  private static func path(of absolute: [UInt8], in source: [UInt8]) -> [UInt8]? {
    if absolute == source { return [0x2e] }
    let prefix = source == [0x2f] ? source : source + [0x2f]
    return absolute.starts(with: prefix) ? Array(absolute.dropFirst(prefix.count)) : nil
  }

  private static func normal(_ path: [UInt8]) -> [UInt8] {
    let components = path.split(separator: 0x2f).filter { !$0.elementsEqual([0x2e]) }
    return components.isEmpty ? [0x2e] : Array(components.joined(separator: [0x2f]))
  }
}
