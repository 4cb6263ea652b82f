import LinuxSystem
import SystemPackage

/// Refuses a source, a destination and a journal of which one would disturb another: equal, or the
/// destination in the source or the reverse, or the journal in the destination.
///
/// Decided by device and inode of every ancestor, so that links, bind mounts and `.` make no
/// difference. A journal, or a destination's own directory, in the source is left out of the backup
/// by capture. What is not there yet is judged by its nearest ancestor that is.
/// - Throws: `ReplayError.placement`, `ReplayError.unavailable` when the source is not there.
package func checkPlacement(
  source: [UInt8]?, destination: [UInt8]?, journal: [UInt8]?
) throws(ReplayError) {
  let sourceChain = try source.map { path throws(ReplayError) in
    try ancestors(path, mustExist: true)
  }
  let destinationChain = try destination.map { path throws(ReplayError) in
    try ancestors(path, mustExist: false)
  }
  let journalChain = try journal.map { path throws(ReplayError) in
    try ancestors(path, mustExist: false)
  }
  if let source = sourceChain, let destination = destinationChain {
    if source.first == destination.first, source.isWhole, destination.isWhole {
      throw .placement("the destination is the source")
    }
    if let first = source.first, destination.places.contains(first) {
      throw .placement("the destination lies in the source")
    }
    if destination.isWhole, let first = destination.first, source.places.contains(first) {
      throw .placement("the source lies in the destination")
    }
  }
  if let journal = journalChain, let destination = destinationChain, destination.isWhole,
    let first = destination.first, journal.places.contains(first)
  {
    throw .placement("the journal lies in the destination")
  }
  if let journal = journalChain, let destination = destinationChain, journal.isWhole,
    let first = journal.first, destination.places.contains(first)
  {
    throw .placement("the destination lies in the journal")
  }
  if let journal = journalChain, let source = sourceChain, journal.isWhole,
    let first = journal.first, source.places.contains(first)
  {
    throw .placement(
      journal.first == source.first
        ? "the journal is the source" : "the source lies in the journal")
  }
}

/// A directory and all that it lies in, up to the root.
private struct Ancestors {
  var places: [Place]
  /// Whether the path itself is there, and not only a directory above it.
  var isWhole: Bool
  var first: Place? { places.first }
}

private struct Place: Hashable {
  var device: UInt64
  var inode: UInt64
}

private func ancestors(_ path: [UInt8], mustExist: Bool) throws(ReplayError) -> Ancestors {
  var path = path
  var isWhole = true
  while true {
    do {
      return Ancestors(
        places: try climb(try Descriptor.open(given: path, .place)), isWhole: isWhole)
    } catch {
      guard error == .noSuchFileOrDirectory, !mustExist else { throw .unavailable(error) }
      isWhole = false
      while path.last == UInt8(ascii: "/") { path.removeLast() }
      if let slash = path.lastIndex(of: UInt8(ascii: "/")) {
        path = slash == 0 ? [UInt8(ascii: "/")] : Array(path[..<slash])
      } else {
        path = [UInt8(ascii: ".")]
      }
    }
  }
}

/// Every `..` up to the root; 5,000 steps are more than a path of any use has.
private func climb(_ start: consuming Descriptor) throws(Errno) -> [Place] {
  var places: [Place] = []
  var at = start
  for _ in 0..<5_000 {
    let status = try FileStatus.of(at.raw)
    let place = Place(device: status.device, inode: status.inode)
    if place == places.last { return places }
    places.append(place)
    at = try Descriptor.open(above: at.raw)
  }
  return places
}
