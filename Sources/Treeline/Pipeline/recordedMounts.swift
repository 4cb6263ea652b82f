import Journal

/// Where filesystems were mounted inside a source, and followed, when its journal was written last: names
/// from the source's root. Those that are not mounted now are away.
///
/// - Returns: nil when mounts were not followed.
package func recordedMounts(journal: [UInt8]) throws(TreelineError) -> [[[UInt8]]]? {
  do throws(JournalError) {
    guard let bytes = try JournalMounts.read(at: journal) else { return nil }
    let parts = bytes.split(separator: 0)
    guard parts.first?.elementsEqual(mountsHeader) == true else { return nil }
    return parts.dropFirst().map { $0.split(separator: UInt8(ascii: "/")).map(Array.init) }
  } catch {
    throw TreelineError(error, journal: journal)
  }
}

/// The same according to a source's journal in the usual place.
///
/// - Returns: nil also when there is no such journal, or none that may be read.
package func recordedMounts(source: [UInt8]) -> [[[UInt8]]]? {
  let name = JournalPlace.name(source: JournalPlace.absolute(source))
  return (try? recordedMounts(journal: JournalPlace.directory + [0x2f] + name)) ?? nil
}

/// Keeps where filesystems are mounted inside a source; nil where that is not followed.
func recordMounts(_ places: [[[UInt8]]]?, journal: [UInt8]) throws(TreelineError) {
  guard try recordedMounts(journal: journal) != places else { return }
  let bytes = places.map { places in
    places.reduce(Array(mountsHeader) + [0]) { $0 + $1.joined(separator: [UInt8(ascii: "/")]) + [0] }
  }
  do throws(JournalError) { try JournalMounts.write(bytes, at: journal) } catch {
    throw TreelineError(error, journal: journal)
  }
}

private let mountsHeader = "treeline mounts 1".utf8
