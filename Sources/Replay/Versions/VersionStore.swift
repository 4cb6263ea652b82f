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
  private let top: Descriptor
  private let journal: Descriptor
  private let journalNumber: [UInt8]
  private var since: VersionsSince?
  /// The directory that was used last, and its number.
  private var place: (sequence: Sequence, descriptor: Int32)?
  private var isTouched = false
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

  private func close() {
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
      return try FileStatus.of(name, in: directory).kind == .regular
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
      try FileBytes.sync(place.descriptor)
      try FileBytes.sync(journal.raw)
    }
    wasSynced()
  }

  /// The whole filesystem was synced.
  func wasSynced() {
    isTouched = false
    areManyTouched = false
  }

  // MARK: Finding

  /// The first version of each object that was kept up to a commit or a later one.
  static func contents(
    in own: Int32, journal number: [UInt8], from first: Sequence
  ) throws(Errno) -> [ObjectID: Sequence] {
    let path = [Array(name.utf8), Array(hexadecimal(number).utf8)]
    let journal = try AnchoredPath.openDirectory(beneath: own, path, .list)
    var found: [ObjectID: Sequence] = [:]
    let places = try names(journal.raw).compactMap { Sequence(digits: $0) }.filter { $0 >= first }
    for place in places.sorted() {
      let slots: [[UInt8]]
      do throws(Errno) {
        slots = try withCString(place.digits) { name throws(Errno) in
          let opened = try Descriptor.open(name, in: journal.raw, .list)
          return try names(opened.raw)
        }
      } catch .noSuchFileOrDirectory {
        continue  // it was let go of in this moment
      }
      for slot in slots {
        guard let id = UInt64(String(decoding: slot, as: UTF8.self)) else { continue }
        if found[ObjectID(id)] == nil { found[ObjectID(id)] = place }
      }
    }
    return found
  }

  // MARK: Letting go

  /// Removes all that is kept at a destination.
  static func removeAll(in own: Int32) throws(Errno) {
    guard (try? FileStatus.of(name, in: own)) != nil else { return }
    let top = try Descriptor.open(name, in: own, .list)
    try VersionsSince.remove(in: top.raw)
    for number in try names(top.raw) where number.count == 32 { try remove(number, in: top.raw) }
    try Names.removeDirectory(name, in: own)
  }

  /// Removes what is kept for one journal.
  private static func remove(_ number: [UInt8], in top: Int32) throws(Errno) {
    try withCString(number) { number throws(Errno) in
      let directory = try Descriptor.open(number, in: top, .list)
      for name in try names(directory.raw) { try removePlace(name, in: directory.raw) }
      try Names.removeDirectory(number, in: top)
    }
  }

  /// Removes what was kept up to one commit.
  private static func removePlace(_ name: [UInt8], in directory: Int32) throws(Errno) {
    try withCString(name) { name throws(Errno) in
      let place = try Descriptor.open(name, in: directory, .list)
      for slot in try names(place.raw) {
        try withCString(slot) { slot throws(Errno) in try Names.removeFile(slot, in: place.raw) }
      }
      try Names.removeDirectory(name, in: directory)
    }
  }

  /// Removes what `thinning` does not ask for.
  ///
  /// - Returns: how many versions were removed.
  @discardableResult
  func thin(_ thinning: VersionThinning) throws(Errno) -> Int {
    try noteAge(thinning)
    var removed = 0
    let place = top.raw
    for number in try Self.names(place) where number.count == 32 {
      let directory = try withCString(number) { name throws(Errno) in
        try Descriptor.open(name, in: place, .list)
      }
      for name in try Self.names(directory.raw) {
        removed += try thin(name, in: directory.raw, thinning)
      }
    }
    return removed
  }

  /// Says first from which commit on nothing is too old.
  private func noteAge(_ thinning: VersionThinning) throws(Errno) {
    var last: Sequence?
    for place in try Self.names(journal.raw) {
      guard let sequence = Sequence(digits: place), sequence > last ?? .zero else { continue }
      let ended = try withCString(place) { [journal = journal.raw] name throws(Errno) in
        Self.made(try FileStatus.of(name, in: journal))
      }
      if thinning.isOver(ended: ended) { last = sequence }
    }
    if let last { try lose(upTo: last) }
  }

  private func thin(
    _ name: [UInt8], in directory: Int32, _ thinning: VersionThinning
  ) throws(Errno) -> Int {
    let opened = try withCString(name) { name throws(Errno) in
      try Descriptor.open(name, in: directory, .list)
    }
    let ended = Self.made(try FileStatus.of(opened.raw))
    guard thinning.mayDrop(ended: ended) else { return 0 }
    var removed = 0
    var isEmpty = true
    for slot in try Self.names(opened.raw) {
      try withCString(slot) { slot throws(Errno) in
        let began = try FileStatus.of(slot, in: opened.raw).born
        if thinning.keeps(began: began, ended: ended) {
          isEmpty = false
        } else {
          try Names.removeFile(slot, in: opened.raw)
          removed += 1
        }
      }
    }
    if isEmpty {
      if Sequence(digits: name) == place?.sequence { close() }
      try Self.removePlace(name, in: directory)
    }
    return removed
  }

  /// Removes the oldest versions, to make room.
  ///
  /// - Returns: whether there were any.
  func dropOldest() throws(Errno) -> Bool {
    let ours = Array(hexadecimal(journalNumber).utf8)
    for number in try Self.names(top.raw) where number.count == 32 && number != ours {
      // Those of a journal that is not the destination's any more.
      try Self.remove(number, in: top.raw)
      return true
    }
    let places = try Self.names(journal.raw).compactMap { Sequence(digits: $0) }.sorted()
    if places.isEmpty { return false }
    // An eighth of them at once: what is full now is full again soon.
    let end = places[min(places.count / 8, places.count - 1)]
    var isNoted = true
    do throws(Errno) { try lose(upTo: end) } catch {
      // Not even a note can be written; without one nothing is promised.
      isNoted = false
      try beginAnew()
    }
    close()
    for sequence in places where sequence <= end {
      try Self.removePlace(sequence.digits, in: journal.raw)
    }
    if !isNoted { try lose(upTo: end) }
    return true
  }

  /// When a directory was made; where that is not kept, when it was changed last, which is later.
  private static func made(_ status: FileStatus) -> Timestamp {
    status.born == .zero ? status.modified : status.born
  }

  private static func names(_ directory: Int32) throws(Errno) -> [[UInt8]] {
    var names: [[UInt8]] = []
    let listing = try Descriptor.open(".", in: directory, .list)
    try forEachName(in: listing.raw) { name, kind in
      if name.first.map({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }) == true { names.append(name) }
      return true
    }
    return names
  }
}
