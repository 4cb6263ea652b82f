import Journal
import LinuxSystem
import SystemPackage
import Tree

/// Some attributes that the destination does not hold, of one object.
package struct ReplayLoss: Hashable, Sendable {
  /// From the root, without a slash in front.
  package var path: [UInt8]
  package var lost: LostAttributes
}

extension Replayer {
  /// So many losses are tried again when a destination is opened for the first time: what cannot be
  /// held costs no more than a second then.
  private static var retriedLossesMax: Int { 65_536 }

  /// Objects of which the destination does not hold every attribute.
  package var lossCount: Int { losses.losses.count }

  /// Some of them, by path.
  package func someLosses(_ limit: Int) -> [ReplayLoss] {
    losses.losses.prefix(limit).map { ReplayLoss(path: path(of: $0), lost: $1) }
      .sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }

  /// Reads what the destination does not hold, of objects that are there or owed.
  ///
  /// - Returns: false when the record is damaged: then only a look at every object can tell.
  func readLosses(_ record: AppliedRecord, in own: Int32) -> Bool {
    do {
      losses = try LossRecord.read(in: own, point: record.lossPoint) { id in
        id == .root || tree.contains(id) || owed[id] != nil
      }
      return true
    } catch {
      return false
    }
  }

  /// Forgets what cannot be held: every object will be looked at.
  func discardLosses() {
    losses.removeAll()
    guard let destination else { return }
    do throws(Errno) {
      try Names.removeFile("losses", in: destination.own.raw)
    } catch .noSuchFileOrDirectory {
    } catch {
      // A directory, or what may not be removed.
      try? destination.moveToForeign(Array("losses".utf8), in: destination.own.raw)
    }
  }

  /// Writes down what cannot be held, before the log says that all is done.
  func saveLosses() throws(ReplayError) {
    guard let destination else { return }
    try losses.save(in: destination.own.raw, syncing: options.sync == .commit) {
      () throws(ReplayError) in
      if options.sync == .commit { try history?.sync() }
    }
  }

  /// Has attributes that could not be held tried once more, for the destination may have been mounted
  /// in another way since.
  func retryLosses() throws(ReplayError) {
    guard !hasRetriedLosses, let cursor = applied else { return }
    hasRetriedLosses = true
    var wanted: Set<ObjectID> = []
    for id in losses.losses.keys where owed[id] == nil {
      wanted.insert(id)
      if wanted.count == Self.retriedLossesMax { break }
    }
    try oweAttributes(of: wanted, upTo: cursor)
  }

  /// Has all attributes of objects set once more that are at the destination and not owed.
  func oweAttributes(of wanted: Set<ObjectID>, upTo cursor: Cursor) throws(ReplayError) {
    if wanted.isEmpty { return }
    for id in wanted {
      owed[id] = OwedObject(
        isDirectory: tree.isDirectory(id), links: [],
        attributes: Attributes(mode: 0, uid: 0, gid: 0, modified: .zero), changed: .zero, work: [])
    }
    try absorbAgain(wanted, upTo: cursor)
    for id in wanted {
      if id == .root || isSame(owed[id]!.links, tree.links(of: id)) {
        owed[id]!.work = [.attributes, .extendedAttributes]
      } else {
        owed[id] = nil
      }
    }
  }
}
