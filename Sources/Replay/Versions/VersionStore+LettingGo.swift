import LinuxSystem
import SystemPackage
import Tree

/// What is kept goes when it is too old, when there is no room, or when nothing is to be kept.
extension VersionStore {
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
        try removeVersion(slot, in: place.raw)
      }
      try Names.removeDirectory(name, in: directory)
    }
  }

  /// Removes one version. None has flags that forbid it, unless somebody set them.
  private static func removeVersion(_ slot: [UInt8], in place: Int32) throws(Errno) {
    try withCString(slot) { slot throws(Errno) in
      do throws(Errno) {
        try Names.removeFile(slot, in: place)
      } catch .notPermitted {
        let version = try Descriptor.open(slot, in: place, .look)
        for descriptor in [place, version.raw] {
          try AttributeCalls.changeFlags(descriptor, adding: [], removing: .forbidding)
        }
        try Names.removeFile(slot, in: place)
      }
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
      let began = try withCString(slot) { slot throws(Errno) in
        try FileStatus.of(slot, in: opened.raw).born
      }
      if thinning.keeps(began: began, ended: ended) {
        isEmpty = false
      } else {
        try Self.removeVersion(slot, in: opened.raw)
        removed += 1
      }
    }
    if isEmpty {
      if Sequence(digits: name) == place?.sequence { close() }
      try Self.removePlace(name, in: directory)
    }
    return removed
  }

  /// How much room all that is kept takes, and nothing else has.
  var bytes: UInt64 {
    var bytes: UInt64 = 0
    do throws(Errno) {
      for number in try Self.names(top.raw) where number.count == 32 {
        let directory = try AnchoredPath.openDirectory(beneath: top.raw, [number], .list)
        for place in try Self.names(directory.raw) { bytes += try Self.bytes(of: place, in: directory.raw) }
      }
    } catch {}
    return bytes
  }

  /// How much that takes which was kept up to one commit.
  private static func bytes(of place: [UInt8], in directory: Int32) throws(Errno) -> UInt64 {
    var bytes: UInt64 = 0
    let opened = try AnchoredPath.openDirectory(beneath: directory, [place], .list)
    for slot in try names(opened.raw) {
      let status = try withCString(slot) { slot throws(Errno) in try FileStatus.of(slot, in: opened.raw) }
      if status.linkCount == 1 { bytes += status.blocks * 512 }
    }
    return bytes
  }

  /// Removes the oldest versions until the rest takes no more than so much.
  ///
  /// - Returns: how many bytes that freed.
  @discardableResult
  func shrink(to limit: UInt64) throws(Errno) -> UInt64 {
    var total = bytes
    let before = total
    keptBytes = 0
    while total > limit, try dropOldest(atLeast: total - limit) { total = bytes }
    return before - min(total, before)
  }

  /// Removes the oldest versions, to make room.
  ///
  /// - Returns: whether there were any.
  ///
  /// - Parameter wanted: how many bytes to free; nil for an eighth of what was replaced at one commit or another.
  func dropOldest(atLeast wanted: UInt64? = nil) throws(Errno) -> Bool {
    let ours = Array(hexadecimal(journalNumber).utf8)
    for number in try Self.names(top.raw) where number.count == 32 && number != ours {
      // Those of a journal that is not the destination's any more.
      try Self.remove(number, in: top.raw)
      return true
    }
    let places = try Self.names(journal.raw).compactMap { Sequence(digits: $0) }.sorted()
    if places.isEmpty { return false }
    let end = try wanted.map { wanted throws(Errno) in try self.end(of: places, freeing: wanted) }
      // An eighth of them at once: what is full now is full again soon.
      ?? places[min(places.count / 8, places.count - 1)]
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

  /// The last of the places that must go so that so much is free.
  private func end(of places: [Sequence], freeing wanted: UInt64) throws(Errno) -> Sequence {
    var freed: UInt64 = 0
    for place in places {
      freed += try Self.bytes(of: place.digits, in: journal.raw)
      if freed >= wanted { return place }
    }
    return places[places.count - 1]
  }

  /// When a directory was made; where that is not kept, when it was changed last, which is later.
  private static func made(_ status: FileStatus) -> Timestamp {
    status.born == .zero ? status.modified : status.born
  }
}
