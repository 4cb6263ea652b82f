import Exclusion
import LinuxSystem
import SystemPackage
import Tree

/// The directory that one reader is in the midst of.
struct ListedDirectory {
  /// It had names in the mirror before.
  var hadChildren = false
  /// Why some name in it could not be looked at; 0 for none.
  var failure: Int32 = 0
}

extension Observer {
  /// Lists a directory and makes the mirror agree with what is in it.
  func scan(_ directory: Mirror.Node) {
    guard knowsPlace(of: directory), !isAway(directory) else { return }
    listing.removeAll()
    let filter = isSeekingOrphans ? nil : filter(for: directory)
    do throws(Errno) {
      let last = try view.list(mirror.key(directory), leavingOut: filter, into: listing) { filled in
        integrate(filled)
        filled.removeAll()
        return filled
      }
      if let last { integrate(last) }
      onProgress?()
    } catch {
      failed(directory, error)
      verification?.visited.insert(directory.row32)
    }
  }

  /// Makes the mirror agree with what was read.
  func integrate(_ listing: Listing) {
    listing.bytes.withUnsafeBytes { bytes in
      for part in listing.parts { integrate(part, listing, bytes) }
    }
  }

  /// Makes the mirror agree with some entries of a directory; with the last ones, also about names
  /// that are not there any more.
  private func integrate(
    _ part: Listing.Part, _ listing: Listing, _ bytes: UnsafeRawBufferPointer
  ) {
    guard let directory = mirror.node(part.directory), mirror.isDirectory(directory) else {
      return  // not known yet: it is listed when it is found
    }
    guard knowsPlace(of: directory) else { return }
    if part.isFirst {
      exclusion?.caches[directory] = nil
      listed[listing.reader].hadChildren = mirror.hasChildren(directory)
      if listed[listing.reader].hadChildren { mirror.clearSeen(in: directory) }
      listed[listing.reader].failure = 0
    }
    if part.failure != 0 { listed[listing.reader].failure = part.failure }
    let filter = filter(for: directory)
    listing.entries.withUnsafeBufferPointer { entries in
      for at in part.entries { integrate(entries[at], bytes, directory, filter) }
    }
    guard part.isLast else { return }
    verification?.visited.insert(directory.row32)
    // Names that came and went before it was marked have changed its times, without a report, and maybe
    // after its own name was looked at.
    if view.reportsByDirectory {
      seen[directory] = nil
      note(.attributes, of: directory)
    }
    let failure = listed[listing.reader].failure
    if failure != 0 {
      // What could not be read is unknown: nothing in it is taken for gone.
      unlisted[mirror.id(directory)] = Errno(rawValue: failure)
      return
    }
    if !unlisted.isEmpty { becameReadable(directory) }
    if listed[listing.reader].hadChildren {
      mirror.forEachChild(of: directory) { place in
        if !mirror.isSeen(place) { toLook.append((directory, mirror.name(of: place), 0)) }
      }
    }
  }

  private func integrate(
    _ entry: Listing.Entry, _ bytes: UnsafeRawBufferPointer, _ directory: Mirror.Node,
    _ filter: NameFilter?
  ) {
    let name = UnsafeRawBufferPointer(rebasing: bytes[entry.name])
    if entry.isTorn {
      toLook.append((directory, Name(Array(name)), 0))
      return
    }
    if excluded.contains(entry.key) { return isAbsent(directory, name) }
    if let filter,
      filter.leavesOut(name, isDirectory: entry.observation.kind == .directory)
    {
      return depart(directory, name, entry.key)
    }
    guard
      let node = meet(
        directory, name, entry.key, entry.observation, tries: 0, isCertain: false)
    else { return }
    let isNew = mirror.isNew(node)
    // A ctime that does not differ says nothing when it is as young as what is known of the object.
    let isDoubtful = isYoung(entry.observation.changed, node)
    noteContent(node, entry.observation)
    // One that was found just now is listed already.
    if mirror.isDirectory(node), toScan.last != node,
      isDoubtful || entry.observation.changed != mirror.changedTime(node)
    {
      rescanIfReusable(node, entry.key)
    }
    let isChanged = mirror.observe(
      node, entry.observation.attributes, changed: entry.observation.changed,
      drainedSeconds: coveredSeconds(node, entry.observation))
    // A journal from before flags were recorded has none of an object that has not changed since.
    guard isNew || isChanged || isDoubtful || !entry.observation.flags.isEmpty else { return }
    if !entry.target.isEmpty { mirror.setTarget(node, Array(bytes[entry.target])) }
    // Also none: one that no commit knows may have been listed before, and have had some.
    mirror.observe(
      node,
      encodedAttributes: entry.extendedAttributes.isEmpty
        ? [] : Array(bytes[entry.extendedAttributes]))
  }
}
