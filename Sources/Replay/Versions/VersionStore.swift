import LinuxSystem
import SystemPackage
import Tree

/// The contents that a destination had and has not any more: files in `.treeline/versions`.
///
/// ```
/// versions/since            from which commit on nothing is missing here; see VersionsSince
/// versions/JOURNAL/         32 hexadecimal digits: whose object numbers these are
///   SEQUENCE/ID             the content that object ID had up to commit SEQUENCE
/// ```
/// A version is content only: the inode that was at the destination, linked or moved here before its last
/// name goes, so that nothing is copied and no name is without a file for a moment. Which names and attributes
/// went with it is what the destination's own log says.
final class VersionStore {
  let top: Descriptor
  let journal: Descriptor
  let journalNumber: [UInt8]
  private var since: VersionsSince?
  /// The directory that was used last, and its number.
  private(set) var place: (sequence: Sequence, descriptor: Int32)?
  private var isTouched = false
  /// How much was kept since the whole was looked at last, about.
  var keptBytes: UInt64 = 0
  private var areManyTouched = false

  static let name = "versions"

  /// Opens what is kept at a destination for a journal, and makes its directories.
  init(in own: Int32, journal number: [UInt8]) throws(Errno) {
    let top = try Destination.makeDirectory(Self.name, in: own)
    let place = top.raw
    journalNumber = number
    journal = try withCString(Array(hexadecimal(number).utf8)) { name throws(Errno) in
      try Destination.makeDirectory(name, in: place)
    }
    since = try VersionsSince.read(in: place)
    self.top = top
    if since?.journal != number { since = nil }
  }

  deinit { close() }

  /// Lets go of the directory that was used last.
  func close() {
    if let place { _ = Descriptor(owning: place.descriptor) }
    place = nil
  }

  /// Begins changes of the state that a commit left; from the first such on nothing is missing.
  func begin(after applied: Sequence) throws(Errno) {
    if since == nil { try set(VersionsSince(journal: journalNumber, sequence: applied)) }
  }

  /// What follows was not kept, or is not any more: only later states can be had.
  func beginAnew() throws(Errno) {
    since = nil
    try VersionsSince.remove(in: top.raw)
  }

  private func set(_ new: VersionsSince) throws(Errno) {
    try new.write(in: top.raw)
    since = new
  }

  // MARK: Keeping

  /// Keeps the file that has a name, which another is about to take.
  ///
  /// - Parameter last: the last commit whose content this is.
  func keep(
    _ name: UnsafePointer<CChar>, in directory: Int32, of id: ObjectID, upTo last: Sequence
  ) throws(Errno) {
    guard try isRegular(name, directory) else { return }
    let place = try openPlace(last)
    do throws(Errno) {
      try withCString(id.digits) { slot throws(Errno) in
        try Names.link(name, in: directory, to: slot, in: place)
      }
      isTouched = true
    } catch .fileExists {
      // What it had at that commit is kept already; this is a state in between.
    } catch .tooManyLinks {
      try lose(upTo: last)
    }
  }

  /// A content could not be kept: no state up to that commit can be had.
  func lose(upTo last: Sequence) throws(Errno) {
    try set(VersionsSince(journal: journalNumber, sequence: max(last.next, since?.sequence ?? .zero)))
  }

  /// Moves a file away that is about to lose its last name.
  ///
  /// - Returns: false when there is nothing to keep, and it is to be removed.
  func take(
    _ name: UnsafePointer<CChar>, in directory: Int32, of id: ObjectID, upTo last: Sequence
  ) throws(Errno) -> Bool {
    guard try isRegular(name, directory) else { return false }
    let place = try openPlace(last)
    do throws(Errno) {
      try withCString(id.digits) { slot throws(Errno) in
        try Names.rename(name, in: directory, to: slot, in: place, replacing: false)
      }
      isTouched = true
      return true
    } catch .fileExists {
      return false
    }
  }

  private func isRegular(
    _ name: UnsafePointer<CChar>, _ directory: Int32
  ) throws(Errno) -> Bool {
    do throws(Errno) {
      let status = try FileStatus.of(name, in: directory)
      if status.kind == .regular { keptBytes += status.blocks * 512 }
      return status.kind == .regular
    } catch .noSuchFileOrDirectory {
      return false
    }
  }

  private func openPlace(_ sequence: Sequence) throws(Errno) -> Int32 {
    if let place, place.sequence == sequence { return place.descriptor }
    // One of them is synced by itself, more are with all else: nothing waits before a name is taken.
    if isTouched { areManyTouched = true }
    close()
    let journal = journal.raw
    let raw = try withCString(sequence.digits) { name throws(Errno) in
      do throws(Errno) {
        return try Descriptor.open(name, in: journal, .list).release()
      } catch .noSuchFileOrDirectory {
        try Names.makeDirectory(name, in: journal, mode: 0o700)
        return try Descriptor.open(name, in: journal, .list).release()
      }
    }
    place = (sequence, raw)
    return raw
  }

  /// Makes durable what was kept since the last call.
  func sync() throws(Errno) {
    guard isTouched, let place else { return }
    if areManyTouched {
      try FileBytes.syncFilesystem(top.raw)
    } else {
      // The upper first: btrfs takes what is new in it along, and the second has nothing to write.
      try FileBytes.sync(journal.raw)
      try FileBytes.sync(place.descriptor)
    }
    wasSynced()
  }

  /// The whole filesystem was synced.
  func wasSynced() {
    isTouched = false
    areManyTouched = false
  }

  /// The names in one of its directories that may be numbers.
  static func names(_ directory: Int32) throws(Errno) -> [[UInt8]] {
    var names: [[UInt8]] = []
    let listing = try Descriptor.open(".", in: directory, .list)
    try forEachName(in: listing.raw) { name, kind in
      if name.first.map({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }) == true { names.append(name) }
      return true
    }
    return names
  }
}
